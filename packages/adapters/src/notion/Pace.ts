import type { ConnectionId } from "@sheaf/domain/ids"
import { Clock, Context, Duration, Effect, Layer, Semaphore } from "effect"
import { SecureRandom } from "effect/crypto"
import { LeasesRepo } from "../repos/jobs/LeasesRepo.ts"
import { NotionRateLimited } from "./errors.ts"

const slice = Duration.seconds(3)

/** How often whoever has no slice looks whether it may have the next (ms). */
const look = 250

/** What is left of the slice that this process has, or of the rest that Notion asked for. */
interface Slice {
  until: number
  left: number
  readonly turns: Semaphore.Semaphore
}

/**
 * The budget of calls of connections, shared by all processes: time is cut into slices, a slice belongs to whoever holds the connection's
 * lease, and has a bounded number of calls in it. The lease is never given back early, so the next holder does not begin anew.
 */
export class Pace extends Context.Service<Pace, {
  /** Completes when a call may be made. Fails at once, and says when, if that would take longer than `patienceMs`. */
  readonly turn: (connectionId: ConnectionId, patienceMs: number) => Effect.Effect<void, NotionRateLimited>
  /** Nobody calls for so long. */
  readonly rest: (connectionId: ConnectionId, ms: number) => Effect.Effect<void>
}>()("@sheaf/adapters/notion/Pace") {
  static readonly layer = ({ callsPerSecond }: { readonly callsPerSecond: number }) =>
    Layer.effect(
      Pace,
      Effect.gen(function*() {
        const callsInSlice = Math.max(1, Math.floor(callsPerSecond * Duration.toSeconds(slice)))
        const leases = yield* LeasesRepo
        const holder = SecureRandom.uuidV7Unsafe()
        const slices = new Map<ConnectionId, Slice>()
        const nameOf = (connectionId: ConnectionId) => `notion ${connectionId}`

        const sliceOf = Effect.fnUntraced(function*(connectionId: ConnectionId, now: number) {
          const known = slices.get(connectionId)
          if (known !== undefined) return known
          for (const [id, { until }] of slices) {
            if (until < now - 60_000) slices.delete(id)
          }
          const made = { until: 0, left: 0, turns: yield* Semaphore.make(1) }
          slices.set(connectionId, made)
          return made
        })

        const taken = Effect.fnUntraced(function*(connectionId: ConnectionId, own: Slice, deadline: number) {
          for (;;) {
            const now = yield* Clock.currentTimeMillis
            if (own.until > now && own.left > 0) {
              own.left--
              return
            }
            if (own.until > deadline) return yield* new NotionRateLimited({ retryAfterMs: own.until - now })
            if (own.until > now) {
              yield* Effect.sleep(own.until - now)
            } else if (yield* leases.hold(nameOf(connectionId), holder, slice)) {
              own.until = now + Duration.toMillis(slice)
              own.left = callsInSlice
            } else {
              if (now >= deadline) return yield* new NotionRateLimited({ retryAfterMs: Duration.toMillis(slice) })
              yield* Effect.sleep(Math.min(look, Math.max(1, deadline - now)))
            }
          }
        })

        return Pace.of({
          turn: Effect.fn("NotionPace.turn")(function*(connectionId, patienceMs) {
            const now = yield* Clock.currentTimeMillis
            const own = yield* sliceOf(connectionId, now)
            const late = new NotionRateLimited({ retryAfterMs: Duration.toMillis(slice) })
            yield* own.turns.withPermits(1)(taken(connectionId, own, now + patienceMs)).pipe(
              Effect.timeoutOrElse({ duration: patienceMs + look, orElse: () => Effect.fail(late) })
            )
          }),
          rest: Effect.fn("NotionPace.rest")(function*(connectionId, ms) {
            const now = yield* Clock.currentTimeMillis
            const own = yield* sliceOf(connectionId, now)
            own.until = Math.max(own.until, now + ms)
            own.left = 0
            // Where another has the slice by now, it will be told the same by Notion.
            yield* leases.hold(nameOf(connectionId), holder, Duration.millis(Math.max(ms, Duration.toMillis(slice))))
          })
        })
      })
    )
}
