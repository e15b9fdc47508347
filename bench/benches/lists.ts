// Claim: page 100 of a list of 100,000 documents takes at most 1.5 times as long as page 1.
// How: pages of 50 of one dataset, through `ListsRepo` as the API asks for them, reached cursor by cursor; then the two pages in turns,
// 40 times, the medians. In every order, with a filter that nine documents in ten fit, and with one that one in a thousand fits. Figures
// count all documents, 2,000 in a statement. On PostgreSQL, and on the embedded database.
import { NodeServices } from "@effect/platform-node"
import { FiguresRepo } from "@sheaf/adapters/repos/documents/FiguresRepo"
import { type ListOptions, ListsRepo } from "@sheaf/adapters/repos/documents/ListsRepo"
import { newId } from "@sheaf/adapters/repos/newId"
import * as Repos from "@sheaf/adapters/repos/Repos"
import { TenantsRepo } from "@sheaf/adapters/repos/access/TenantsRepo"
import * as InProcessSignals from "@sheaf/adapters/signals/inProcess"
import { migrate } from "@sheaf/adapters/sql/migrate"
import * as Pglite from "@sheaf/adapters/sql/pglite"
import * as Postgres from "@sheaf/adapters/sql/postgres"
import { Caller } from "@sheaf/domain/edge/Caller"
import { ApiKeyId, type PageCursor } from "@sheaf/domain/ids"
import { Effect, FileSystem, Layer, Option, Redacted } from "effect"
import * as Bench from "../framework/Bench.ts"
import { median, timed } from "../framework/measure.ts"
import { insertDocuments } from "../inputs/documents.ts"
import * as servers from "../support/servers.ts"

const documents = 100_000
const pages = 100
const rounds = 40

const lists = {
  "by createdAt": {},
  "by updatedAt, oldest first": { sort: "updatedAt", order: "asc" },
  "by name": { sort: "name" },
  "by size": { sort: "size" },
  "available, by createdAt": { filter: { status: ["available"] } }
} as const satisfies Record<string, Omit<ListOptions, "datasetId">>

const measure = Effect.fnUntraced(function*(engine: string) {
  const figures = yield* FiguresRepo
  const repo = yield* ListsRepo
  const { id: tenantId } = Option.getOrThrow(yield* (yield* TenantsRepo).insert("bench"))
  const caller = new Caller({ tenantId, keyId: yield* newId(ApiKeyId), scopes: ["admin"], datasetIds: null })
  const datasetId = yield* insertDocuments(caller, documents)
  const page = (options: Omit<ListOptions, "datasetId">, cursor?: PageCursor) =>
    Effect.map(
      repo.list(caller, { ...options, datasetId, ...(cursor !== undefined && { cursor }) }),
      Option.getOrThrow
    )

  const found: Array<Bench.Figure> = []
  for (const [name, options] of Object.entries(lists)) {
    let cursor: PageCursor | undefined
    for (let number = 1; number < pages; number++) cursor = (yield* page(options, cursor)).next
    const [first, last] = [new Array<number>(), new Array<number>()]
    for (let round = 0; round < rounds; round++) {
      first.push((yield* timed(page(options))).ms)
      last.push((yield* timed(page(options, cursor))).ms)
    }
    found.push({
      name: `${engine}: page ${pages} to page 1, ${name}`,
      value: median(last) / median(first),
      unit: "x",
      target: { atMost: 1.5 },
      note: `${median(first).toFixed(1)} and ${median(last).toFixed(1)} ms`
    })
  }
  const rare = { filter: { name: "abcd" } }
  const seldom = yield* timed(page(rare))
  found.push({ name: `${engine}: page 1 of a filter that 3 in 10,000 fit`, value: seldom.ms, unit: "ms" })
  const counted = yield* timed(
    figures.count(caller, { datasetId, filter: {}, facets: ["status", "suffix", "metadata.author"], values: 20 })
  )
  found.push({ name: `${engine}: total and three facets`, value: counted.ms, unit: "ms" })
  const sums = yield* timed(figures.sums(caller, datasetId))
  found.push({ name: `${engine}: statistics`, value: sums.ms, unit: "ms" })
  return found
})

export default Bench.make({
  name: "lists",
  claim: "page 100 of 100,000 documents takes as long as page 1",
  minutes: 20,
  run: Effect.gen(function*() {
    const fs = yield* FileSystem.FileSystem
    const { url } = yield* servers.postgres
    const home = yield* fs.makeTempDirectoryScoped({ prefix: "sheaf-bench-" })
    const migrated = Layer.effectDiscard(migrate()).pipe(Layer.provide(NodeServices.layer))
    const repos = Layer.provideMerge(Repos.layer, InProcessSignals.layer)
    const postgres = Layer.provideMerge(repos, Postgres.layer({ url: Redacted.make(url), role: "worker" }))
    const pglite = Layer.provideMerge(repos, Layer.provideMerge(migrated, Pglite.layer({ home })))
    const onPostgres = yield* measure("PostgreSQL").pipe(Effect.provide(yield* Layer.build(postgres)))
    const embedded = yield* measure("embedded").pipe(Effect.provide(yield* Layer.build(pglite)))
    return onPostgres.concat(embedded)
  })
})
