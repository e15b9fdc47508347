import { BadRequest } from "@sheaf/domain/edge/errors"
import { type ApiError, errorFacts } from "@sheaf/domain/errors"
import { Schema } from "effect"
import { describe, headersOf } from "../answers.ts"

/** A call as JSON-RPC 2.0 writes it. */
export const Message = Schema.Struct({
  jsonrpc: Schema.Literal("2.0"),
  id: Schema.optionalKey(Schema.NullOr(Schema.Union([Schema.String, Schema.Finite]))),
  method: Schema.String,
  params: Schema.optionalKey(Schema.Unknown)
})
export type Message = typeof Message.Type

export type Id = string | number | null

/** An answer, with what it says in HTTP's own words where it stands alone. */
export interface Answer {
  readonly status: number
  readonly headers: Readonly<Record<string, string>>
  readonly body: Readonly<Record<string, unknown>>
}

export const succeeded = (id: Id, result: unknown): Answer => ({
  status: 200,
  headers: {},
  body: { jsonrpc: "2.0", id, result: result ?? null }
})

interface Complaint {
  /** JSON-RPC's own codes are for its own complaints; every other error is -32000, told apart by `data.tag`. */
  readonly code: number
  readonly status: number
}

export const failed = (id: Id, error: ApiError, complaint?: Complaint): Answer => {
  const { code, status } = complaint ?? { code: -32000, status: errorFacts[error._tag].status }
  const data = describe(error)
  return {
    status,
    headers: headersOf(error),
    body: { jsonrpc: "2.0", id, error: { code, message: data.message, data } }
  }
}

export const notJson = failed(null, new BadRequest({ reason: "the body is not JSON" }), { code: -32700, status: 400 })

export const invalidRequest = (id: Id, reason: string): Answer =>
  failed(id, new BadRequest({ reason }), { code: -32600, status: 400 })

export const invalidParams = (id: Id, reason: string): Answer =>
  failed(id, new BadRequest({ reason }), { code: -32602, status: 422 })
