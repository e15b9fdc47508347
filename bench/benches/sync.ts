// Claim: a sync of 1,000 pages that nobody has edited makes at most one call to Notion for 50 pages, and reads none of them.
// How: the all-in-one process, with the instant embedder, imports a workspace of the tests' double of Notion's API through the SDK and
// syncs it twice; the second time counts. Its clock says that all pages were edited long ago. The double counts the calls. Waiting for one's
// turn at Notion is taken out: 100 calls a second are allowed, where Notion allows 3.
import { Clock, Effect, Redacted } from "effect"
import { paragraph } from "../../test/support/notion/Workspace.ts"
import * as NotionDouble from "../../test/support/notion/NotionDouble.ts"
import * as Bench from "../framework/Bench.ts"
import { timed } from "../framework/measure.ts"
import * as Server from "../support/Server.ts"

const pages = 1_000

const longAgo: Clock.Clock = Object.assign(Object.create(Clock.Clock.defaultValue()), {
  currentTimeMillisUnsafe: () => Date.UTC(2026, 0, 1)
})

export default Bench.make({
  name: "sync",
  claim: "unchanged pages cost no call of their own",
  minutes: 10,
  run: Effect.gen(function*() {
    const notion = yield* Effect.provideService(NotionDouble.start(), Clock.Clock, longAgo)
    for (let at = 0; at < pages; at++) {
      notion.workspace.addPage({
        title: `Page ${at}`,
        blocks: [paragraph(`The pump number ${at} is in hall ${at % 7}.`)]
      })
    }
    const { sheaf } = yield* Server.start({ embedder: "instant", notion: notion.url })
    const { id: dataset } = yield* sheaf.datasets.create({ name: "bench" })
    const { id: connection } = yield* sheaf.connections.create({ token: Redacted.value(notion.token) })
    const imported = yield* timed(
      sheaf.syncs.import({ connection, dataset: { id: dataset } }).pipe(
        Effect.flatMap(({ id }) => sheaf.syncs.finished(id))
      )
    )
    const again = Effect.flatMap(sheaf.syncs.begin(imported.value.sourceId), ({ id }) => sheaf.syncs.finished(id))
    yield* again
    const before = notion.requests.length
    const { ms, value } = yield* timed(again)
    const calls = notion.requests.slice(before)
    const lists = calls.filter(({ request }) => request.startsWith("POST /v1/search")).length
    return [
      { name: `import of ${pages} pages`, value: imported.ms / 1_000, unit: "s" },
      { name: "sync of unchanged pages", value: ms / 1_000, unit: "s" },
      {
        name: "calls to Notion for 50 unchanged pages",
        value: calls.length / pages * 50,
        unit: "calls",
        target: { atMost: 1 }
      },
      { name: "calls that read a page", value: calls.length - lists, unit: "calls", target: { atMost: 2 } },
      { name: "pages found unchanged", value: value.counts.unchanged ?? 0, unit: "pages", target: { atLeast: pages } }
    ]
  })
})
