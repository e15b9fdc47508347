import { Clock, Effect } from "effect"
import { randomUUID } from "node:crypto"

/** Ids of one millisecond count up from a random number below half of what fits. */
const most = 0xfff

/** Ids tell the time of the machine, whatever clock a program runs by. */
const clock = Clock.Clock.defaultValue()

let lastMs = 0
let count = 0

/** Node draws random bytes for many UUIDs at once, which costs a twentieth of drawing them one by one. */
const uuidV7 = (): string => {
  const random = randomUUID()
  const nowMs = clock.currentTimeMillisUnsafe()
  // A clock that was put back changes nothing: ids of one process are in the order in which they were made.
  if (nowMs > lastMs || count === most) {
    lastMs = Math.max(nowMs, lastMs + 1)
    count = Number.parseInt(random.slice(0, 3), 16) & (most >> 1)
  } else {
    count++
  }
  const time = lastMs.toString(16).padStart(12, "0")
  return `${time.slice(0, 8)}-${time.slice(8)}-7${count.toString(16).padStart(3, "0")}-${random.slice(19)}`
}

/** A UUID version 7: ordered by the time it was made, random otherwise. */
export const newId = <Id>(brand: { readonly make: (uuid: string) => Id }): Effect.Effect<Id> =>
  Effect.sync(() => brand.make(uuidV7()))
