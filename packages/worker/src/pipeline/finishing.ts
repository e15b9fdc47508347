import { JobsRepo, LeaseLost } from "@sheaf/adapters/repos/jobs/JobsRepo"
import type { ClaimedJob } from "@sheaf/domain/jobs/Job"
import { Effect, Exit, Request, RequestResolver } from "effect"

class Finish extends Request.Class<{ readonly claim: ClaimedJob }, void, LeaseLost> {}

/** Ends jobs that leave nothing to write. Those that end at the same moment go with one statement. */
export const makeFinish = Effect.map(JobsRepo, (jobs) => {
  const resolver = RequestResolver.make<Finish>(Effect.fnUntraced(function*(entries) {
    const gone = yield* jobs.finishAll(entries.map(({ request }) => request.claim))
    for (const entry of entries) {
      const { id: jobId } = entry.request.claim
      entry.completeUnsafe(gone.has(jobId) ? Exit.void : Exit.fail(new LeaseLost({ jobId })))
    }
  }))
  return (claim: ClaimedJob): Effect.Effect<void, LeaseLost> => Effect.request(new Finish({ claim }), resolver)
})
