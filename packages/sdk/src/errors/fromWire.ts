import { apiVersion } from "@sheaf/domain/ApiRpcs"
import { type ApiError, errorFacts } from "@sheaf/domain/errors"
import { Cause, Predicate, Schema } from "effect"
import { RpcClientError } from "effect/rpc"
import { BadRequest, raise, type Raised, UnknownOperation } from "./api.ts"
import { Unreachable, VersionSkew } from "./client.ts"

type Wire = Raised<ApiError> | Unreachable | VersionSkew

const isApiError = (error: unknown): error is ApiError =>
  Predicate.hasProperty(error, "_tag") && Predicate.isString(error._tag) && Object.hasOwn(errorFacts, error._tag)

/**
 * The typed error behind whatever ended a call: errors of the contract get their class, a lost connection becomes
 * `Unreachable`, and the protocol's own complaints, which are defects, become `BadRequest`, `UnknownOperation` or
 * `VersionSkew`. `undefined`: it was interrupted, or is a defect of this program.
 */
export const fromWire = (cause: Cause.Cause<unknown>, options: {
  readonly operation: string
  readonly url: string
}): Wire | undefined => {
  for (const reason of cause.reasons) {
    if (Cause.isFailReason(reason)) return fromError(reason.error, options.url)
    if (Cause.isDieReason(reason)) return fromDefect(reason.defect, options.operation)
  }
  return undefined
}

const fromError = (error: unknown, url: string): Wire | undefined => {
  if (error instanceof Unreachable || error instanceof VersionSkew) return error
  if (error instanceof RpcClientError.RpcClientError) return new Unreachable({ url, reason: lost(error) })
  return isApiError(error) ? raise(error) : undefined
}

const lost = (error: RpcClientError.RpcClientError): string =>
  error.reason._tag === "SocketCloseError" && error.reason.closeReason
    ? `the connection was closed (${error.reason.closeReason})`
    : "the connection was lost"

const unknownOperation = /^Unknown request tag: (.*)$/

/** The server describes a payload it cannot read with a text; an answer that cannot be read here is a `SchemaError`. */
const fromDefect = (defect: unknown, operation: string): Wire | undefined => {
  if (Schema.isSchemaError(defect)) return new VersionSkew({ client: apiVersion, server: null })
  const text = Predicate.isString(defect)
    ? defect
    : Predicate.hasProperty(defect, "message")
    ? defect.message
    : undefined
  if (!Predicate.isString(text)) return undefined
  const unknown = unknownOperation.exec(text)
  if (unknown !== null) return new UnknownOperation({ operation: unknown[1] || operation })
  return Predicate.isString(defect) ? new BadRequest({ reason: defect }) : undefined
}
