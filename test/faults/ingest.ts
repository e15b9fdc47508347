import { connect, type SheafClient } from "@sheaf/sdk"
import { Clock, Effect } from "effect"
import type { Production } from "../support/production/Production.ts"
import type { Item } from "./library.ts"

// Hands a library in as a patient program does: a call that fails is made again until it is answered.

const untilDone = <A>(call: () => Promise<A>, deadline: AbortSignal): Promise<A> =>
  call().catch(async (error: unknown) => {
    if (deadline.aborted) throw error
    await new Promise((resolve) => setTimeout(resolve, 500))
    return untilDone(call, deadline)
  })

/** As whoever looks after the installation. */
export const client = (production: Production) =>
  Effect.acquireRelease(
    Effect.sync(() => connect({ url: production.url, key: production.key })),
    (sheaf) => Effect.promise(() => sheaf.close())
  )

/**
 * Uploads the library, drawn out over some seconds, and waits until every document is published. Answers the names of those that were
 * not when the time was up, with the reason.
 */
export const ingestLibrary = Effect.fn("faults.ingestLibrary")(function*(
  sheaf: SheafClient,
  datasetId: string,
  library: ReadonlyArray<Item>,
  options: { readonly seconds: number; readonly giveUpAfterSeconds: number }
) {
  const begun = yield* Clock.currentTimeMillis
  const deadline = AbortSignal.timeout(options.giveUpAfterSeconds * 1_000)
  const results = yield* Effect.forEach(
    library,
    ({ bytes, name }, at) =>
      Effect.gen(function*() {
        yield* Effect.sleep(options.seconds * 1_000 * at / library.length)
        return yield* Effect.promise(() =>
          untilDone(async () => {
            // The same bytes again are the same document.
            const doc = await sheaf.documents.ingest(bytes, { dataset: datasetId, name, ifSame: "reuse" })
            await doc.done({ signal: deadline })
          }, deadline).then(() => undefined, (error: unknown) => `${name}: ${String(error)}`)
        )
      }),
    { concurrency: "unbounded" }
  )
  return {
    seconds: ((yield* Clock.currentTimeMillis) - begun) / 1_000,
    unpublished: results.filter((result) => result !== undefined)
  }
})
