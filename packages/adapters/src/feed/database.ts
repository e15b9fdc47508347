import { Effect, Layer, Queue, Stream } from "effect"
import { JobsRepo } from "../repos/JobsRepo.ts"
import { Signals } from "../signals/Signals.ts"
import { JobFeed } from "./JobFeed.ts"

/** Looks into the table of jobs, when a signal says so and once per poll interval: all that one process needs. */
export const layer: Layer.Layer<JobFeed, never, JobsRepo | Signals> = Layer.effect(
  JobFeed,
  Effect.gen(function*() {
    const jobs = yield* JobsRepo
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
        const look = (limit: number) => jobs.claim({ stage, limit, holder, lease })
        return {
          take: Effect.fnUntraced(function*(limit) {
            const found = yield* look(limit)
            if (found.length > 0) return found
            yield* Queue.take(wake).pipe(Effect.timeoutOption(poll))
            return yield* look(limit)
          }),
          release: () => Effect.void
        }
      })
    })
  })
)
