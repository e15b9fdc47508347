import { Syncing } from "@sheaf/adapters/lifecycle/Syncing"
import { NotionEndpoint } from "@sheaf/adapters/notion/NotionEndpoint"
import { ConnectionsRepo } from "@sheaf/adapters/repos/connections/ConnectionsRepo"
import { newId } from "@sheaf/adapters/repos/newId"
import { transact } from "@sheaf/adapters/repos/rows"
import { SyncItemsRepo } from "@sheaf/adapters/repos/syncs/SyncItemsRepo"
import { SyncsRepo } from "@sheaf/adapters/repos/syncs/SyncsRepo"
import { SyncSourcesRepo } from "@sheaf/adapters/repos/syncs/SyncSourcesRepo"
import * as KeyRing from "@sheaf/adapters/secrets/keyRing"
import type { EventBody } from "@sheaf/domain/events/Event"
import { limits } from "@sheaf/domain/limits"
import { ConnectionId, type SyncId, type SyncItemId } from "@sheaf/domain/ids"
import type { SyncRules, SyncSelection } from "@sheaf/domain/syncs/Source"
import { isOver } from "@sheaf/domain/syncs/Sync"
import * as Operations from "@sheaf/server/Operations"
import { Clock, Context, Effect, Layer, Redacted, Schedule } from "effect"
import { SqlClient } from "effect/sql"
import { makeTenant, some } from "../repos/world.ts"
import * as NotionDouble from "../support/notion/NotionDouble.ts"
import * as Pipeline from "../support/Pipeline.ts"

type Notion = Effect.Success<ReturnType<typeof NotionDouble.start>>

/** The workspace that everything is read from. Its clock is the test's, so edits lie long before every sync. */
export class Double extends Context.Service<Double, Notion>()("sheaf/test/syncs/world/Double") {}

/** Edits happen when the double is told that they do. */
const longAgo: Clock.Clock = Object.assign(Object.create(Clock.Clock.defaultValue()), {
  currentTimeMillisUnsafe: () => Date.UTC(2026, 0, 1)
})
const double = Layer.effect(
  Double,
  Effect.provideService(Effect.map(NotionDouble.start(), Double.of), Clock.Clock, longAgo)
)

const endpoint = Layer.unwrap(
  Effect.map(
    Double,
    ({ url }) =>
      Layer.succeed(NotionEndpoint, { url, timeout: "5 seconds", firstDelay: "5 millis", callsPerSecond: 10_000 })
  )
)

const keys = KeyRing.layer([{ id: "test", key: Redacted.make(new Uint8Array(32).fill(7)) }])

/** The whole pipeline with a double of Notion. */
const layer = Pipeline.layer.pipe(
  Layer.provide(endpoint),
  Layer.provideMerge(double),
  Layer.provide(keys)
)

/** The same, with the rules of the server. */
export const whole = Operations.layer({
  version: "0",
  profile: "embedded",
  limits: { maxUploadBytes: limits.maxUploadBytes, maxPages: limits.maxPages, maxSegments: limits.maxSegments }
}).pipe(Layer.provideMerge(layer), Layer.orDie)

/** A page was edited a minute after it was before. */
export const later = (page: { editedAt: number }) => {
  page.editedAt += 60_000
}

export const really = <A, E, R>(effect: Effect.Effect<A, E, R>) =>
  Effect.provideService(effect, Clock.Clock, Clock.Clock.defaultValue())

/** While Notion makes its answer to the next such request, this happens. */
export const meanwhile = Effect.fnUntraced(function*<A, E, R>(path: RegExp, effect: Effect.Effect<A, E, R>) {
  const { faults } = yield* Double
  const services = yield* Effect.context<R>()
  faults.add({ kind: "meanwhile", run: () => Effect.runPromiseWith(services)(effect) }, { path, times: 1 })
})

/** A tenant with a dataset and a connection to the double. */
export const world = Effect.gen(function*() {
  const { token, workspace } = yield* Double
  const connections = yield* ConnectionsRepo
  const items = yield* SyncItemsRepo
  const sources = yield* SyncSourcesRepo
  const sql = yield* SqlClient.SqlClient
  const syncing = yield* Syncing
  const syncs = yield* SyncsRepo
  const { caller, tenantId } = yield* makeTenant
  const datasetId = yield* Pipeline.makeDataset(caller)
  const id = yield* newId(ConnectionId)
  // A test has the workspace for itself.
  workspace.pages.clear()
  workspace.sources.clear()
  const bot = { id: "bot", name: "Sheaf" }
  const connectionId = yield* connections.insert(caller, {
    id,
    name: "n",
    workspace: { id: "w", name: "W", bot },
    token
  })

  /** How a sync stands when it is over, and its runs too. */
  const over = Effect.fnUntraced(function*(syncId: SyncId) {
    return yield* syncs.find(caller, syncId).pipe(
      Effect.map(some),
      Effect.repeat({
        until: ({ building, state }) => isOver(state) && building === 0,
        schedule: Schedule.spaced("20 millis")
      }),
      really
    )
  })
  const extend = (selection: SyncSelection, rules: Partial<SyncRules> = {}) =>
    sources.extend(caller, { connectionId, datasetId, selection, rules })
  const begin = Effect.fnUntraced(function*(
    options: {
      readonly selection?: SyncSelection
      readonly rules?: Partial<SyncRules>
      readonly items?: ReadonlyArray<SyncItemId>
      readonly confirmed?: boolean
    } = {}
  ) {
    const { confirmed = false, items, rules, selection = "all" } = options
    return yield* transact(sql)(Effect.gen(function*() {
      const sourceId = yield* extend(selection, rules)
      return yield* syncing.begin(caller, {
        sourceId,
        trigger: "asked",
        lane: "interactive",
        confirmed,
        ...(items !== undefined && { items })
      })
    }))
  })
  const sync = (options?: Parameters<typeof begin>[0]) => Effect.flatMap(begin(options), over)
  const all = Effect.gen(function*() {
    const [source] = some(yield* sources.list(caller, { datasetId })).items
    return some(yield* items.list(caller, { sourceId: source!.id, limit: 200 })).items
  })
  const item = (title: string) => Effect.map(all, (found) => found.find((one) => one.title === title) ?? absent(title))
  const results = (syncId: SyncId) =>
    Effect.map(items.results(tenantId, { syncId, limit: 200 }), (page) => some(page).items)

  const events = sql<{ readonly body: EventBody }>`select body from events where tenant_id = ${tenantId}
    order by created_at, id`.pipe(Effect.map((rows) => rows.map(({ body }) => body)))
  /** What is served of the page with this title. */
  const text = Effect.fnUntraced(function*(title: string) {
    const { documentId } = yield* item(title)
    const rows = yield* sql<{ readonly text: string }>`select s.text from documents d
      join run_segments m on m.run_id = d.published_run_id join segments s on s.id = m.segment_id
      where d.id = ${documentId} order by m.ordinal`
    return rows.map((row) => row.text).join("\n")
  })

  return {
    caller,
    tenantId,
    datasetId,
    connectionId,
    workspace,
    begin,
    over,
    sync,
    all,
    item,
    results,
    events,
    text
  }
})

const absent = (title: string): never => {
  throw new Error(`there is no item ${title}`)
}
