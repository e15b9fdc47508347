import { Effect, Layer, Queue, RcRef, Stream } from "effect"
import type { JobsRepo } from "../repos/jobs/JobsRepo.ts"
import { Signals } from "../signals/Signals.ts"
import { JobFeed } from "./JobFeed.ts"
import { laneTurns } from "./laneTurns.ts"
import { makeLookout } from "./lookout.ts"

export const make = Effect.gen(function*() {
  const lookout = yield* makeLookout
  const signals = yield* Signals
  return JobFeed.of({
    open: Effect.fnUntraced(function*({ holder, lease, poll, stage }) {
      const wake = yield* Queue.sliding<void>(1)
      const due = yield* signals.subscribe("JobsDue")
      yield* due.pipe(
        Stream.filter((signal) => signal.stage === stage),
        Stream.runForEach(() => Queue.offer(wake, undefined)),
        Effect.forkScoped
      )
      const claim = yield* RcRef.get(lookout)
      const turns = laneTurns()
      /** The last look found all there was: what has come since is signalled, or found after a poll interval. */
      let dry = false
      const look = Effect.fnUntraced(function*(limit: number) {
        const found = yield* claim({ holder, lease }, { stage, limit, bulkFirst: turns.bulkFirst(limit) })
        turns.took(found)
        dry = found.length < limit
        return found
      })
      return {
        take: Effect.fnUntraced(function*(limit) {
          const found = dry ? [] : yield* look(limit)
          if (found.length > 0) return found
          yield* Queue.take(wake).pipe(Effect.timeoutOption(poll))
          return yield* look(limit)
        }),
        release: () => Effect.void
      }
    })
  })
})

/** Looks into the table of jobs, when a signal says so and once per poll interval: all that one process needs. */
export const layer: Layer.Layer<JobFeed, never, JobsRepo | Signals> = Layer.effect(JobFeed, make)
