import { assetKey, BlobKey, BlobStore, rawKey } from "@sheaf/adapters/blobs/BlobStore"
import { Embedder } from "@sheaf/adapters/embedding/Embedder"
import { newId } from "@sheaf/adapters/repos/newId"
import { SearchIndex } from "@sheaf/adapters/search/SearchIndex"
import type { DriftKind } from "@sheaf/domain/admin/DriftRpcs"
import { DocumentId, SegmentId, Sha256, UploadId } from "@sheaf/domain/ids"
import { isSameVector, readVector } from "@sheaf/worker/reconcile/isSameVector"
import { Effect, Stream } from "effect"
import { SqlClient } from "effect/sql"
import type { SqlError } from "effect/sql/SqlError"
import { randomUUID } from "node:crypto"
import type { Library } from "./library.ts"

type Stores = SqlClient.SqlClient | SearchIndex | BlobStore | Embedder

/** What is planted, what is to be found of it, and what is true again afterwards. */
interface Plant {
  readonly finds: DriftKind
  readonly plant: (library: Library) => Effect.Effect<void, never, Stores>
  readonly mended: (library: Library) => Effect.Effect<boolean, never, Stores>
}

const planted = <E>(run: (library: Library) => Effect.Effect<unknown, E, Stores>): Plant["plant"] => (library) =>
  Effect.asVoid(Effect.orDie(run(library)))
const mended = <E>(run: (library: Library) => Effect.Effect<boolean, E, Stores>): Plant["mended"] => (library) =>
  Effect.orDie(run(library))
const sqlDo = (run: (sql: SqlClient.SqlClient, library: Library) => Effect.Effect<unknown, SqlError>) =>
  planted((library) => Effect.flatMap(SqlClient.SqlClient, (sql) => run(sql, library)))
const sqlEmpty = (
  run: (sql: SqlClient.SqlClient, library: Library) => Effect.Effect<ReadonlyArray<unknown>, SqlError>
) =>
  mended((library) =>
    Effect.flatMap(SqlClient.SqlClient, (sql) => Effect.map(run(sql, library), (rows) => rows.length === 0))
  )

/** Every text has a vector, and the index finds its segment by that one. */
const inStep = mended(({ documentId, tenantId }) =>
  Effect.gen(function*() {
    const index = yield* SearchIndex
    const sql = yield* SqlClient.SqlClient
    const { space } = yield* Embedder
    const rows = yield* sql<{ readonly id: string; readonly vector: Uint8Array | null }>`
      select s.id, v.vector from segments s left join vectors v on v.tenant_id = s.tenant_id and v.text_hash = s.text_hash
      where s.document_id = ${documentId}`
    const found = yield* index.vectors(space, tenantId, rows.map(({ id }) => SegmentId.make(id)))
    return rows.length > 0 && rows.every(({ id, vector }) => {
      const given = vector === null ? null : readVector(vector, space.dimension)
      return given !== null && isSameVector(given, found.get(SegmentId.make(id)) ?? null)
    })
  })
)

/** No blob of the tenant is anything but this document's. */
const onlyItsBlobs = mended(({ documentId, tenantId }) =>
  Effect.gen(function*() {
    const blobs = yield* BlobStore
    const { blobs: found } = yield* blobs.page(BlobKey.make(tenantId), { limit: 1000 })
    return found.length > 0 && found.every(({ key }) => key.includes(documentId))
  })
)

const stranger = SegmentId.make(randomUUID())

/** By what is wrong. */
export const plants: Readonly<Record<string, Plant>> = {
  "an entry of a segment that nobody knows": {
    finds: "entryWithoutSegment",
    plant: planted(({ datasetId, document, documentId, tenantId }) =>
      Effect.gen(function*() {
        const index = yield* SearchIndex
        const { space } = yield* Embedder
        yield* index.upsert(space, tenantId, [{
          segmentId: stranger,
          datasetId,
          documentId,
          document: { name: "x", mediaType: "", createdAt: document.createdAt, metadata: {} },
          terms: new Map([["word", 1]]),
          length: 1,
          vector: null
        }])
      })
    ),
    mended: mended(({ tenantId }) =>
      Effect.gen(function*() {
        const index = yield* SearchIndex
        const { space } = yield* Embedder
        return (yield* index.present(space, tenantId, [stranger])).size === 0
      })
    )
  },
  "a segment that falls out of the index": {
    finds: "segmentWithoutEntry",
    plant: planted(({ documentId, tenantId }) =>
      Effect.gen(function*() {
        const index = yield* SearchIndex
        const { space } = yield* Embedder
        yield* index.remove(space, tenantId, { _tag: "Document", documentId })
      })
    ),
    mended: mended(({ document, documentId, tenantId }) =>
      Effect.gen(function*() {
        const index = yield* SearchIndex
        const { space } = yield* Embedder
        return (yield* index.count(space, tenantId, { _tag: "Document", documentId })) === document.segments
      })
    )
  },
  "an entry of a segment that was disabled behind the index": {
    finds: "entryWithoutSegment",
    plant: sqlDo((sql, { documentId }) => sql`update segments set enabled = false where document_id = ${documentId}`),
    mended: mended(({ documentId, tenantId }) =>
      Effect.gen(function*() {
        const index = yield* SearchIndex
        const { space } = yield* Embedder
        return (yield* index.count(space, tenantId, { _tag: "Document", documentId })) === 0
      })
    )
  },
  "a segment that falls out of a published version": {
    finds: "countOfDocument",
    plant: sqlDo((sql, { document }) =>
      sql`delete from run_segments where run_id = ${document.publishedRunId} and ordinal = 0`
    ),
    mended: sqlEmpty((sql, { document, documentId }) =>
      sql`select 1 from documents d where id = ${documentId} and (published_run_id = ${document.publishedRunId}
        or (select count(*) from run_segments where run_id = d.published_run_id) <> ${document.segments})`
    )
  },
  "a counter that is one off": {
    finds: "countOfDataset",
    plant: sqlDo((sql, { datasetId, tenantId }) =>
      sql`insert into dataset_counter_deltas (tenant_id, dataset_id, documents, segments, tokens, bytes)
        values (${tenantId}, ${datasetId}, 0, 1, 0, 0)`
    ),
    mended: sqlEmpty((sql, { datasetId, document }) =>
      sql`select sum(segments) from (select segments from dataset_counters where dataset_id = ${datasetId}
        union all select segments from dataset_counter_deltas where dataset_id = ${datasetId}) x
        having sum(segments) <> ${document.segments}`
    )
  },
  "a unit that nobody works on": {
    finds: "unitWithoutJob",
    plant: sqlDo((sql, { documentId }) =>
      Effect.gen(function*() {
        yield* sql`delete from jobs where document_id = ${documentId}`
        yield* sql`update runs set state = 'publishing', finished_at = null where document_id = ${documentId}`
        yield* sql`update work_units set state = 'pending' where stage = 'publish'
          and run_id = (select latest_run_id from documents where id = ${documentId})`
      })
    ),
    mended: sqlEmpty((sql, { documentId }) =>
      sql`select 1 from runs where document_id = ${documentId} and state <> 'published'`
    )
  },
  "a run for which nothing is owed": {
    finds: "idleRun",
    plant: sqlDo((sql, { documentId }) =>
      sql`update runs set state = 'embedding', finished_at = null where document_id = ${documentId}`
    ),
    mended: sqlEmpty((sql, { documentId }) =>
      sql`select 1 from documents d join runs r on r.tenant_id = d.tenant_id and r.id = d.latest_run_id
        where d.id = ${documentId} and (r.number <> 2 or r.state <> 'published')`
    )
  },
  "a deletion that nobody owes": {
    finds: "removalWithoutJob",
    plant: sqlDo((sql, { documentId }) => sql`update documents set deleting = true where id = ${documentId}`),
    mended: sqlEmpty((sql, { documentId }) => sql`select 1 from documents where id = ${documentId}`)
  },
  "a change that the index was never told": {
    finds: "syncWithoutJob",
    plant: sqlDo((sql, { documentId }) =>
      sql`update documents set generation = generation + 1 where id = ${documentId}`
    ),
    mended: sqlEmpty((sql, { documentId }) =>
      sql`select 1 from documents where id = ${documentId} and synced < generation`
    )
  },
  "an entry that is found by another vector": {
    finds: "wrongVector",
    plant: planted(({ datasetId, document, documentId, tenantId }) =>
      Effect.gen(function*() {
        const index = yield* SearchIndex
        const sql = yield* SqlClient.SqlClient
        const { space } = yield* Embedder
        const [first] = yield* sql<{ readonly id: string }>`select id from segments
          where document_id = ${documentId} order by id limit 1`
        yield* index.upsert(space, tenantId, [{
          segmentId: SegmentId.make(first!.id),
          datasetId,
          documentId,
          document: { name: "x", mediaType: "", createdAt: document.createdAt, metadata: {} },
          terms: new Map([["word", 1]]),
          length: 1,
          vector: Float32Array.from({ length: space.dimension }, (_, at) => at === 0 ? 1 : 0)
        }])
      })
    ),
    mended: inStep
  },
  "a vector that is none": {
    finds: "wrongVector",
    plant: sqlDo((sql, { tenantId }) =>
      sql`update vectors set vector = ${new Uint8Array([1, 2, 3])} where tenant_id = ${tenantId}`
    ),
    mended: inStep
  },
  "an end of a run that is told twice": {
    finds: "duplicateEvent",
    plant: sqlDo((sql, { documentId }) =>
      sql`insert into events (tenant_id, id, dataset_id, document_id, body)
        select tenant_id, ${randomUUID()}::uuid, dataset_id, document_id, body from events
        where document_id = ${documentId} and body ->> '_tag' = 'DocumentPublished'`
    ),
    mended: mended(({ documentId }) =>
      Effect.gen(function*() {
        const sql = yield* SqlClient.SqlClient
        const told = yield* sql`select 1 from events
          where document_id = ${documentId} and body ->> '_tag' = 'DocumentPublished'`
        return told.length === 1
      })
    )
  },
  "a segment that no version holds": {
    finds: "segmentWithoutRun",
    plant: sqlDo((sql, { documentId }) =>
      sql`insert into segments (tenant_id, dataset_id, document_id, id, space_id, text, heading_path, text_hash, tokens,
          language, index_state)
        select tenant_id, dataset_id, document_id, ${randomUUID()}::uuid, space_id, 'left', heading_path, 'left', 1, language,
          'in_sync' from segments where document_id = ${documentId} limit 1`
    ),
    mended: sqlEmpty((sql, { documentId }) =>
      sql`select 1 from segments where document_id = ${documentId} and text = 'left'`
    )
  },
  "a vector of a text that is gone": {
    finds: "vectorWithoutSegment",
    plant: sqlDo((sql, { tenantId }) =>
      sql`insert into vectors (tenant_id, space_id, text_hash, vector)
        select tenant_id, space_id, 'gone', vector from vectors where tenant_id = ${tenantId} limit 1`
    ),
    mended: sqlEmpty((sql, { tenantId }) =>
      sql`select 1 from vectors where tenant_id = ${tenantId} and text_hash = 'gone'`
    )
  },
  "a job whose holder was lost": {
    finds: "expiredLease",
    // One that no worker understands: it is there as long as the test looks.
    plant: sqlDo((sql, { tenantId }) =>
      sql`insert into jobs (tenant_id, id, stage, lane, payload, state, lease_token, lease_holder, lease_expires_at)
        values (${tenantId}, ${randomUUID()}, 'Tomorrow', 'bulk', '{}', 'leased', ${randomUUID()}, 'somebody',
          now() - interval '1 minute')`
    ),
    mended: sqlEmpty((sql, { tenantId }) =>
      sql`select 1 from jobs where tenant_id = ${tenantId} and state = 'leased' and stage = 'Tomorrow'`
    )
  },
  "an asset without its bytes": {
    finds: "assetWithoutBlob",
    plant: sqlDo((sql, { datasetId, documentId, tenantId }) =>
      sql`insert into assets (tenant_id, dataset_id, document_id, hash, media_type, size)
        values (${tenantId}, ${datasetId}, ${documentId}, ${"a".repeat(64)}, 'image/png', 1)`
    ),
    mended: sqlEmpty((sql, { tenantId }) => sql`select 1 from assets where tenant_id = ${tenantId}`)
  },
  "bytes of an asset that nobody knows": {
    finds: "blobOfNoAsset",
    plant: planted(({ datasetId, documentId, tenantId }) =>
      Effect.gen(function*() {
        const blobs = yield* BlobStore
        const key = assetKey({ tenantId, datasetId, documentId }, Sha256.make("b".repeat(64)))
        yield* blobs.put(key, Stream.succeed(new Uint8Array([1, 2, 3])))
      })
    ),
    mended: mended(({ tenantId }) =>
      Effect.gen(function*() {
        const blobs = yield* BlobStore
        const { blobs: found } = yield* blobs.page(BlobKey.make(tenantId), { limit: 1000 })
        return found.length > 0 && found.every(({ key }) => !key.includes("/assets/"))
      })
    )
  },
  "a blob that belongs to nobody": {
    finds: "blobWithoutOwner",
    plant: planted(({ datasetId, tenantId }) =>
      Effect.gen(function*() {
        const blobs = yield* BlobStore
        const owner = { tenantId, datasetId, documentId: yield* newId(DocumentId) }
        yield* blobs.put(rawKey(owner), Stream.succeed(new Uint8Array([1, 2, 3])))
      })
    ),
    mended: onlyItsBlobs
  },
  // Whoever finished it died between the answer and the removal.
  "bytes of an upload whose answer is another document": {
    finds: "blobWithoutOwner",
    plant: planted(({ datasetId, documentId, tenantId }) =>
      Effect.gen(function*() {
        const blobs = yield* BlobStore
        const owner = { tenantId, datasetId, documentId: yield* newId(DocumentId) }
        yield* blobs.put(rawKey(owner), Stream.succeed(new Uint8Array([1, 2, 3])))
        const sql = yield* SqlClient.SqlClient
        yield* sql`insert into uploads (tenant_id, dataset_id, document_id, id, name, options, actor, answer, expires_at)
          values (${tenantId}, ${datasetId}, ${owner.documentId}, ${yield* newId(UploadId)}, 'a.txt', '{}', '{}',
            jsonb_build_object('documentId', ${documentId}::text), now() + interval '1 day')`
      })
    ),
    mended: onlyItsBlobs
  }
}
