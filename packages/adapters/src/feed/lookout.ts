import type { ClaimedJob } from "@sheaf/domain/jobs/Job"
import { Deferred, Effect, Exit, Queue, RcRef } from "effect"
import { type Claimer, type Want } from "../repos/jobs/claiming.ts"
import { JobsRepo } from "../repos/jobs/JobsRepo.ts"

interface Asked {
  readonly want: Want
  readonly claimer: Claimer
  readonly answer: Deferred.Deferred<ReadonlyArray<ClaimedJob>>
}

/** One look for all that have asked while the one before was under way. */
const lookFor = Effect.fnUntraced(function*(jobs: JobsRepo["Service"], asked: ReadonlyArray<Asked>) {
  const exit = yield* Effect.exit(jobs.claim({ ...asked[0]!.claimer, wants: asked.map(({ want }) => want) }))
  const found = Map.groupBy(Exit.isSuccess(exit) ? exit.value : [], ({ job }) => job._tag)
  for (const { answer, want: { limit, stage } } of asked) {
    yield* Deferred.done(answer, Exit.map(exit, () => found.get(stage)?.splice(0, limit) ?? []))
  }
})

/**
 * Looks into the table of jobs for all stages of a process together: of twenty stages most find nothing, and one look for all of them
 * costs hardly more than one for one. Ends with the last feed that uses it: nothing is claimed after that.
 */
export const makeLookout = Effect.gen(function*() {
  const jobs = yield* JobsRepo
  return yield* RcRef.make({
    acquire: Effect.gen(function*() {
      const questions = yield* Queue.unbounded<Asked>()
      yield* Queue.takeAll(questions).pipe(
        Effect.flatMap((asked) =>
          Effect.forEach(
            Map.groupBy(asked, ({ claimer }) => claimer.holder).values(),
            (some) => lookFor(jobs, some),
            { discard: true }
          )
        ),
        Effect.forever,
        Effect.forkScoped
      )
      return Effect.fnUntraced(function*(claimer: Claimer, want: Want) {
        const answer = yield* Deferred.make<ReadonlyArray<ClaimedJob>>()
        yield* Queue.offer(questions, { want, claimer, answer })
        return yield* Deferred.await(answer)
      })
    })
  })
})
