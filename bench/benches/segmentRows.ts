// Claim: segments go into PostgreSQL through their repository at 0.6 of the speed of a bare multi-row insert.
// How: the same segments, page by page as the chunker hands them over, each page a transaction: through `SegmentsRepo.add`, and by two
// statements with a list of values each (segments, and their places in the run) that know all rows to be new. Same driver, server,
// tables and indexes; in turns, five times, each time into a document of its own; the medians. The server writes to the disk what it
// acknowledges.
import { DatasetsRepo } from "@sheaf/adapters/repos/datasets/DatasetsRepo"
import { DocumentsRepo } from "@sheaf/adapters/repos/documents/DocumentsRepo"
import { newId } from "@sheaf/adapters/repos/newId"
import * as Repos from "@sheaf/adapters/repos/Repos"
import { transact } from "@sheaf/adapters/repos/rows"
import { type NewSegment, SegmentsRepo } from "@sheaf/adapters/repos/segments/SegmentsRepo"
import { TenantsRepo } from "@sheaf/adapters/repos/access/TenantsRepo"
import * as InProcessSignals from "@sheaf/adapters/signals/inProcess"
import * as Postgres from "@sheaf/adapters/sql/postgres"
import { Caller } from "@sheaf/domain/edge/Caller"
import { ApiKeyId, DocumentId, RunId, SegmentId, Sha256 } from "@sheaf/domain/ids"
import { Array as Arr, Effect, Layer, Option, Redacted } from "effect"
import { SqlClient } from "effect/sql"
import { createHash, randomUUID } from "node:crypto"
import * as Bench from "../framework/Bench.ts"
import { median, timed } from "../framework/measure.ts"
import { makePassages } from "../inputs/passages.ts"
import { madeSpace } from "../inputs/space.ts"
import * as servers from "../support/servers.ts"

const segments = 4_000
/** As the pipeline writes them. */
const perPage = 200
const rounds = 5

const space = madeSpace(4)

const hashOf = (text: string) => createHash("sha256").update(text).digest("hex")

const { passage } = makePassages(1)

type Page = Arr.NonEmptyReadonlyArray<NewSegment>

/** Half a page of text each, with the headings above it and where it stands. */
const makeSegments = (): Page =>
  Arr.makeBy(segments, (ordinal) => {
    const text = passage(180)
    return {
      id: SegmentId.make(randomUUID()),
      ordinal,
      text,
      headingPath: ["Maintenance of pumps", `Chapter ${ordinal >> 5}`],
      textHash: hashOf(text),
      tokens: 250,
      language: "en",
      boxes: [{ page: 1 + (ordinal >> 1), x0: 72, y0: 100.5, x1: 520, y1: 300.25 }]
    }
  })

const measure = Effect.gen(function*() {
  const datasets = yield* DatasetsRepo
  const documents = yield* DocumentsRepo
  const repo = yield* SegmentsRepo
  const sql = yield* SqlClient.SqlClient
  const tenants = yield* TenantsRepo
  const transaction = transact(sql)
  const { id: tenantId } = Option.getOrThrow(yield* tenants.insert("bench"))
  const caller = new Caller({ tenantId, keyId: yield* newId(ApiKeyId), scopes: ["admin"], datasetIds: null })
  const chunking = { method: "general" } as const
  const settings = { name: "bench", description: "", chunking, permission: "tenant" } as const
  const datasetId = Option.getOrThrow(yield* datasets.insert(caller, space, settings))

  const makeOwner = Effect.gen(function*() {
    const documentId = yield* newId(DocumentId)
    const runId = yield* newId(RunId)
    const { actor } = caller
    const document = { datasetId, documentId, name: "d", declaredType: null, size: 1, metadata: {}, actor }
    yield* documents.insert(tenantId, { ...document, contentHash: Sha256.make(hashOf(documentId)) })
    yield* documents.insertRun(tenantId, {
      datasetId,
      documentId,
      runId,
      config: { space, chunking, lane: "bulk" },
      actor
    })
    return { datasetId, documentId, runId, spaceId: space.id }
  })
  type Owner = Effect.Success<typeof makeOwner>

  const bare = (owner: Owner, page: Page) => {
    const { documentId, runId, spaceId } = owner
    const rows = Arr.map(page, ({ headingPath, id, language, text, textHash, tokens }) => ({
      tenantId,
      datasetId,
      documentId,
      id,
      spaceId,
      text,
      headingPath: [...headingPath],
      textHash,
      tokens,
      language
    }))
    const places = Arr.map(page, ({ boxes, id: segmentId, ordinal }) => ({
      tenantId,
      documentId,
      runId,
      ordinal,
      segmentId,
      boxes: JSON.stringify(boxes)
    }))
    return Effect.andThen(
      Effect.orDie(sql`insert into segments ${sql.insert(rows)}`),
      Effect.orDie(sql`insert into run_segments ${sql.insert(places)}`)
    )
  }
  const ours = (owner: Owner, page: Page) => repo.add(tenantId, owner, page)

  const write = Effect.fnUntraced(
    function*(add: (owner: Owner, page: Page) => Effect.Effect<void>) {
      const owner = yield* makeOwner
      const pages = Arr.chunksOf(makeSegments(), perPage)
      const { ms } = yield* timed(Effect.forEach(pages, (page) => transaction(add(owner, page)), { discard: true }))
      return segments / ms * 1_000
    }
  )

  const through: Array<number> = []
  const inserted: Array<number> = []
  for (let round = 0; round <= rounds; round++) {
    const [first, second] = [yield* write(ours), yield* write(bare)]
    // The first one warms up.
    if (round === 0) continue
    through.push(first)
    inserted.push(second)
  }
  return { through: median(through), bare: median(inserted) }
})

export default Bench.make({
  name: "segment-rows",
  claim: "segments are written about as fast as rows can be",
  minutes: 4,
  run: Effect.gen(function*() {
    const { url } = yield* servers.postgres
    const stored = Repos.layer.pipe(
      Layer.provide(InProcessSignals.layer),
      Layer.provideMerge(Postgres.layer({ url: Redacted.make(url), role: "worker" }))
    )
    const { bare, through } = yield* Effect.provide(measure, yield* Layer.build(stored))
    return [
      { name: "SegmentsRepo", value: through, unit: "segments/s" },
      { name: "bare insert of the same rows", value: bare, unit: "segments/s" },
      { name: "SegmentsRepo to bare insert", value: through / bare, unit: "x", target: { atLeast: 0.6 } }
    ]
  })
})
