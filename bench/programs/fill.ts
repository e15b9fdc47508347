import { NodeRuntime } from "@effect/platform-node"
import * as Adapters from "@sheaf/adapters/Adapters"
import { embedded } from "@sheaf/adapters/settings"
import { DatasetsRepo } from "@sheaf/adapters/repos/datasets/DatasetsRepo"
import { DocumentsRepo } from "@sheaf/adapters/repos/documents/DocumentsRepo"
import { newId } from "@sheaf/adapters/repos/newId"
import { transact } from "@sheaf/adapters/repos/rows"
import { RunsRepo } from "@sheaf/adapters/repos/runs/RunsRepo"
import { type NewSegment, SegmentsRepo } from "@sheaf/adapters/repos/segments/SegmentsRepo"
import { TenantsRepo } from "@sheaf/adapters/repos/access/TenantsRepo"
import { space } from "@sheaf/adapters/embedding/bundled"
import { SearchIndex } from "@sheaf/adapters/search/SearchIndex"
import { analyze } from "@sheaf/adapters/text/analyzer"
import { writeKey } from "@sheaf/cli/home/credentials"
import { Caller } from "@sheaf/domain/edge/Caller"
import { ApiKeyId, DocumentId, RunId, SegmentId, Sha256 } from "@sheaf/domain/ids"
import { ensureFirstKey } from "@sheaf/server/admin/firstKey"
import { DateTime, Effect } from "effect"
import { SqlClient } from "effect/sql"
import { createHash } from "node:crypto"
import { makePassages } from "../inputs/passages.ts"
import { madeVector } from "./instantEmbedder.ts"

// `fill.ts HOME SEGMENTS`: a data folder with one dataset, `bench`, of documents with 200 segments each, written past the pipeline
// with made vectors. Everything that a search touches is as the pipeline leaves it: rows, published runs, index entries.
const [home = "", segments = "0"] = process.argv.slice(2)

const perDocument = 200

const program = Effect.gen(function*() {
  const datasets = yield* DatasetsRepo
  const documents = yield* DocumentsRepo
  const index = yield* SearchIndex
  const runs = yield* RunsRepo
  const segmentsRepo = yield* SegmentsRepo
  const transaction = transact(yield* SqlClient.SqlClient)
  const { passage } = makePassages(1)

  yield* ensureFirstKey((key) => writeKey(home, key))
  const { id: tenantId } = yield* Effect.flatMap((yield* TenantsRepo).findByName("default"), Effect.fromOption)
  const caller = new Caller({ tenantId, keyId: yield* newId(ApiKeyId), scopes: ["admin"], datasetIds: null })
  const datasetId = yield* datasets.insert(caller, space, {
    name: "bench",
    description: "",
    chunking: { method: "general" },
    permission: "tenant"
  }).pipe(Effect.flatMap(Effect.fromOption))
  yield* index.ensure(space)

  const makeSegment = Effect.fnUntraced(function*(ordinal: number) {
    const text = passage(180)
    const textHash = createHash("sha256").update(text).digest("hex")
    const made: NewSegment = {
      id: yield* newId(SegmentId),
      ordinal,
      text,
      headingPath: [],
      textHash,
      tokens: 240,
      language: "en",
      boxes: [{ page: 1 + Math.floor(ordinal / 3), x0: 0.1, y0: 0.1, x1: 0.9, y1: 0.3 }]
    }
    return made
  })

  const fillDocument = Effect.fnUntraced(function*(number: number) {
    const owner = {
      datasetId,
      documentId: yield* newId(DocumentId),
      runId: yield* newId(RunId),
      spaceId: space.id
    }
    const { documentId, runId } = owner
    const name = `document ${number}.pdf`
    const made = yield* Effect.forEach(Array.from({ length: perDocument }, (_, ordinal) => ordinal), makeSegment)
    const createdAt = DateTime.toDate(yield* DateTime.now)
    yield* transaction(Effect.gen(function*() {
      yield* documents.insert(tenantId, {
        datasetId,
        documentId,
        name,
        declaredType: null,
        size: 1,
        contentHash: Sha256.make(createHash("sha256").update(name).digest("hex")),
        metadata: { number },
        actor: caller.actor
      })
      const config = { space, chunking: { method: "general" }, lane: "bulk" } as const
      yield* documents.insertRun(tenantId, { datasetId, documentId, runId, config, actor: caller.actor })
      yield* segmentsRepo.add(tenantId, owner, made)
    }))
    const entries = made.map((segment) => {
      const { length, terms } = analyze(segment.text)
      return {
        segmentId: segment.id,
        datasetId,
        documentId,
        document: { name, mediaType: "application/pdf", createdAt, metadata: { number } },
        terms,
        length,
        vector: madeVector(segment.text, space.dimension)
      }
    })
    yield* index.upsert(space, tenantId, entries)
    yield* transaction(Effect.gen(function*() {
      yield* segmentsRepo.markIndexed(tenantId, made.map((segment) => segment.id))
      const totals = yield* segmentsRepo.totals(tenantId, runId)
      yield* documents.publish(tenantId, documentId, { runId, pages: 70, ...totals })
      yield* datasets.count(tenantId, datasetId, { documents: 1, ...totals })
      yield* runs.end(tenantId, runId, "published")
    }))
  })

  for (let number = 0; number < Number(segments) / perDocument; number++) yield* fillDocument(number)
}).pipe(
  Effect.provide(Adapters.layer(embedded(home)))
)

NodeRuntime.runMain(program)
