import { Effect } from "effect"
import { SecureRandom } from "effect/crypto"

/** A UUID version 7: ordered by the time it was made, random otherwise. */
export const newId = <Id>(brand: { readonly make: (uuid: string) => Id }): Effect.Effect<Id> =>
  Effect.sync(() => brand.make(SecureRandom.uuidV7Unsafe()))
