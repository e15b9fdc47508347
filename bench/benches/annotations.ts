// Claim: 10,000 annotations are durable at 2,000 a second or more, and a question is matched in 15 ms (p50) beyond its embedding among
// 20,000.
// How: written 500 in a transaction as an import does, and 500 of them one in a transaction, on the embedded database and on PostgreSQL. Questions
// are vectors of 512 numbers near that of one annotation, asked one after the other through the service that the API has, which keeps a
// history of hits besides; every answer is the right one, or the bench is broken. The first question reads all vectors.
import { NodeServices } from "@effect/platform-node"
import { space } from "@sheaf/adapters/embedding/bundled"
import { Embedder } from "@sheaf/adapters/embedding/Embedder"
import { Annotating } from "@sheaf/adapters/lifecycle/Annotating"
import { Replying } from "@sheaf/adapters/lifecycle/Replying"
import { AnnotationVectorsRepo } from "@sheaf/adapters/repos/annotations/AnnotationVectorsRepo"
import { AppsRepo } from "@sheaf/adapters/repos/annotations/AppsRepo"
import { TenantsRepo } from "@sheaf/adapters/repos/access/TenantsRepo"
import { newId } from "@sheaf/adapters/repos/newId"
import * as Repos from "@sheaf/adapters/repos/Repos"
import { transact } from "@sheaf/adapters/repos/rows"
import * as InProcessSignals from "@sheaf/adapters/signals/inProcess"
import { migrate } from "@sheaf/adapters/sql/migrate"
import * as Pglite from "@sheaf/adapters/sql/pglite"
import * as Postgres from "@sheaf/adapters/sql/postgres"
import type { NewAnnotation } from "@sheaf/domain/annotations/Annotation"
import { Caller } from "@sheaf/domain/edge/Caller"
import { ApiKeyId, type AppId } from "@sheaf/domain/ids"
import { Closeness } from "@sheaf/server/annotations/match/Closeness"
import { HitLog } from "@sheaf/server/annotations/match/HitLog"
import { Matching } from "@sheaf/server/annotations/match/Matching"
import { VectorCache } from "@sheaf/server/annotations/match/VectorCache"
import { Array as Arr, Effect, FileSystem, Layer, Option, Redacted } from "effect"
import { SqlClient } from "effect/sql"
import * as Bench from "../framework/Bench.ts"
import { median, percentile, timed } from "../framework/measure.ts"
import { makePassages } from "../inputs/passages.ts"
import { madeVector } from "../programs/instantEmbedder.ts"
import * as servers from "../support/servers.ts"

const written = 10_000
const oneByOne = 500
const perBatch = 500
const questions = 100

const { passage } = makePassages(1)

const rowsFrom = (from: number, count: number): ReadonlyArray<NewAnnotation> =>
  Array.from({ length: count }, (_, at) => ({ question: `number ${from + at}`, answer: passage(60) }))

const vectorOf = (question: string) => madeVector(question, space.dimension)

/** Asked as `like number 7`: near to that one, and nothing else is nearer. */
const embedder = Layer.succeed(
  Embedder,
  Embedder.of({
    space: { ...space, languages: null },
    parallel: 1,
    ready: Effect.void,
    check: Effect.void,
    embedDocuments: (texts) => Effect.succeed(texts.map(vectorOf)),
    embedQuery: (text) =>
      Effect.sync(() => {
        const own = vectorOf(text)
        return vectorOf(text.slice("like ".length)).map((value, at) => value + 0.5 * own[at]!)
      }),
    countTokens: (texts) => Effect.succeed(texts.map(() => 4))
  })
)

const matching = Matching.layer.pipe(
  Layer.provide(Layer.merge(HitLog.layer, Layer.provide(Closeness.layer, VectorCache.layer)))
)

const measure = Effect.fnUntraced(function*(engine: string) {
  const annotating = yield* Annotating
  const apps = yield* AppsRepo
  const match = yield* Matching
  const replying = yield* Replying
  const vectors = yield* AnnotationVectorsRepo
  const transaction = transact(yield* SqlClient.SqlClient)
  const { id: tenantId } = Option.getOrThrow(yield* (yield* TenantsRepo).insert("bench"))
  const caller = new Caller({ tenantId, keyId: yield* newId(ApiKeyId), scopes: ["admin"], datasetIds: null })
  const makeApp = (name: string) =>
    Effect.map(apps.insert(caller, { name, description: "", threshold: 0.3 }), Option.getOrThrow)
  const write = (appId: AppId, rows: ReadonlyArray<NewAnnotation>, size: number) =>
    Effect.forEach(
      Arr.chunksOf(rows, size),
      (some) => transaction(annotating.upsert(caller, { appId, rows: some, ifExists: "skip" })),
      { discard: true }
    )

  const rate = Effect.fnUntraced(function*(name: string, rows: ReadonlyArray<NewAnnotation>, size: number) {
    const appId = yield* makeApp(name)
    const { ms } = yield* timed(write(appId, rows, size))
    return rows.length / ms * 1_000
  })
  yield* rate("warm", rowsFrom(0, perBatch), perBatch)
  const batched = yield* rate("batched", rowsFrom(0, written), perBatch)
  const single = yield* rate("single", rowsFrom(0, oneByOne), 1)

  const appId = yield* makeApp("asked")
  yield* transaction(replying.set(caller, appId, { enabled: true, own: { ...space, languages: null } }))
  /** As the job leaves them. */
  const fill = Effect.fnUntraced(function*(from: number, count: number) {
    yield* write(appId, rowsFrom(from, count), perBatch)
    for (;;) {
      const gone = yield* transaction(Effect.gen(function*() {
        const { epoch, revision } = Option.getOrThrow(yield* apps.hold(tenantId, appId))
        const owing = yield* vectors.owing(tenantId, appId, { epoch, limit: perBatch })
        const made = owing.map(({ hash, id, question }) => ({ annotationId: id, hash, vector: vectorOf(question) }))
        yield* vectors.save(tenantId, appId, { spaceId: space.id, revision, vectors: made })
        yield* vectors.settle(tenantId, owing, epoch)
        return owing.length
      }))
      if (gone === 0) return
    }
  })
  const ask = Effect.fnUntraced(function*(number: number) {
    const { ms, value } = yield* timed(match.match(caller, { appId, question: `like number ${number}` }))
    if (value.best?.annotation.question !== `number ${number}`) {
      return yield* Effect.die(new Error(`number ${number} was not found, but ${value.best?.annotation.question}`))
    }
    return ms
  })
  const figures: Array<Bench.Figure> = []
  for (const [from, to] of [[0, 20_000], [20_000, 100_000]] as const) {
    yield* fill(from, to - from)
    const first = yield* ask(1)
    const times = yield* Effect.forEach(
      Array.from({ length: questions }, (_, at) => Math.floor(at * to / questions)),
      ask
    )
    const among = `${engine}: match among ${to.toLocaleString("en")}`
    figures.push(
      { name: `${among}, p50`, value: median(times), unit: "ms", ...(to === 20_000 && { target: { atMost: 15 } }) },
      { name: `${among}, p99`, value: percentile(times, 0.99), unit: "ms" },
      { name: `${among}, the first, which reads ${(to - from).toLocaleString("en")} vectors`, value: first, unit: "ms" }
    )
  }
  return [
    { name: `${engine}: written, ${perBatch} at a time`, value: batched, unit: "rows/s", target: { atLeast: 2_000 } },
    { name: `${engine}: written, 1 at a time`, value: single, unit: "rows/s" },
    { name: `${engine}: the first to the second`, value: batched / single, unit: "x" },
    ...figures
  ]
})

const on = (stores: Layer.Layer<SqlClient.SqlClient>) =>
  matching.pipe(
    Layer.provideMerge(Repos.layer),
    Layer.provide(InProcessSignals.layer),
    Layer.provideMerge(Layer.merge(stores, embedder))
  )

export default Bench.make({
  name: "annotations",
  claim: "annotations are written by thousands and matched in milliseconds",
  minutes: 12,
  run: Effect.gen(function*() {
    const home = yield* (yield* FileSystem.FileSystem).makeTempDirectoryScoped({ prefix: "sheaf-bench-" })
    const embedded = Layer.provideMerge(
      Layer.provide(Layer.effectDiscard(migrate()), NodeServices.layer),
      Pglite.layer({ home })
    )
    const { url } = yield* servers.postgres
    const server = Postgres.layer({ url: Redacted.make(url), role: "worker" })
    return [
      ...(yield* Effect.provide(measure("embedded"), yield* Layer.build(on(Layer.orDie(embedded))))),
      ...(yield* Effect.provide(measure("PostgreSQL"), yield* Layer.build(on(Layer.orDie(server)))))
    ]
  })
})
