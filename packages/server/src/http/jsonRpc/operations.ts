import { ApiRpcs, type ApiTag, requiredScope } from "@sheaf/domain/ApiRpcs"
import type { Scope } from "@sheaf/domain/edge/Caller"
import { Predicate, Schema } from "effect"
import { type RpcGroup, RpcSchema } from "effect/rpc"

type Pure = Schema.Codec<unknown, unknown>

/** Schemas of the contract need no services, which the type of an RPC whose name is not known does not say. */
const pure = (schema: Schema.Top): Pure => Schema.toCodecJson(schema as Pure)

/** An operation as this mount needs it. */
export interface Operation {
  readonly tag: ApiTag
  readonly scope: Scope
  readonly streams: boolean
  /** It changes something, and so has an idempotency key. */
  readonly isMutation: boolean
  readonly takesNothing: boolean
  readonly payload: Pure
  readonly success: Pure
  readonly error: Pure
}

const operationOf = (rpc: RpcGroup.Rpcs<typeof ApiRpcs>): Operation => {
  const payloadSchema: Schema.Top = rpc.payloadSchema
  const successSchema: Schema.Top = rpc.successSchema
  const fields = Predicate.hasProperty(payloadSchema, "fields") ? payloadSchema.fields : undefined
  const tag: ApiTag = rpc._tag
  return {
    tag,
    scope: requiredScope[tag],
    streams: RpcSchema.isStreamSchema(successSchema),
    isMutation: Predicate.hasProperty(fields, "idempotencyKey"),
    takesNothing: fields === undefined,
    payload: pure(payloadSchema),
    success: pure(successSchema),
    error: pure(rpc.errorSchema)
  }
}

/** Every operation of the contract by its tag. */
export const operations: ReadonlyMap<string, Operation> = new Map(
  Array.from(ApiRpcs.requests, ([tag, rpc]) => [tag, operationOf(rpc)])
)
