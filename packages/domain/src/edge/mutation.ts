import { Schema } from "effect"
import { Rpc } from "effect/rpc"
import { OnBehalfOf } from "./Caller.ts"
import { isStorable } from "../text.ts"
import { Idempotent } from "./middleware.ts"

/**
 * What every mutation carries.
 * - `idempotencyKey`: the same key with the same payload gives the same answer for 24 hours, without a second effect.
 *   The SDK makes one for each call and keeps it over its own retries.
 * - `onBehalfOf`: recorded with the key as the actor.
 */
export const MutationFields = {
  idempotencyKey: Schema.String.check(Schema.isBetweenLength(1, 200), isStorable),
  onBehalfOf: Schema.optionalKey(OnBehalfOf)
} as const

/** Declares an RPC that changes something: adds `MutationFields` to its payload and `Idempotent` around it. */
export const mutation = <
  const Tag extends string,
  Fields extends Schema.Struct.Fields,
  Success extends Schema.Top = Schema.Void,
  Error extends Schema.Top = Schema.Never
>(tag: Tag, options: {
  readonly payload: Fields
  readonly success?: Success
  readonly error?: Error
}) =>
  Rpc.make(tag, {
    ...options,
    payload: { ...options.payload, ...MutationFields }
  }).middleware(Idempotent)
