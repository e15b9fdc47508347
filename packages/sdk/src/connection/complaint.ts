import { Effect, Predicate } from "effect"
import { BadRequest, InternalError, UnknownOperation } from "../errors/api.ts"

const unknownOperation = /^Unknown request tag: (.*)$/

/**
 * What the protocol itself complains about comes as a defect: an operation that the server does not know, or a payload that it
 * cannot read, as a text. Anything else is a bug of the server that it did not scrub.
 */
export const complaint = (
  operation: string,
  defect: unknown
): Effect.Effect<never, BadRequest | UnknownOperation | InternalError> => {
  if (!Predicate.isString(defect)) return Effect.fail(new InternalError({ reference: "unknown" }))
  const unknown = unknownOperation.exec(defect)
  return Effect.fail(
    unknown === null
      ? new BadRequest({ reason: defect })
      : new UnknownOperation({ operation: unknown[1] || operation })
  )
}
