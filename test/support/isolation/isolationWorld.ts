import { BlobStore, rawKey } from "@sheaf/adapters/blobs/BlobStore"
import { DocumentsRepo } from "@sheaf/adapters/repos/documents/DocumentsRepo"
import { EventsRepo } from "@sheaf/adapters/repos/events/EventsRepo"
import { newId } from "@sheaf/adapters/repos/newId"
import { RunsRepo } from "@sheaf/adapters/repos/runs/RunsRepo"
import { SegmentsRepo } from "@sheaf/adapters/repos/segments/SegmentsRepo"
import { SpaceChangesRepo } from "@sheaf/adapters/repos/spaces/SpaceChangesRepo"
import { SyncTurnsRepo } from "@sheaf/adapters/repos/syncs/SyncTurnsRepo"
import { SearchIndex } from "@sheaf/adapters/search/SearchIndex"
import { analyze } from "@sheaf/adapters/text/analyzer"
import { DeliveriesRepo } from "@sheaf/adapters/repos/webhooks/DeliveriesRepo"
import { WebhooksRepo } from "@sheaf/adapters/repos/webhooks/WebhooksRepo"
import { Actor, Caller } from "@sheaf/domain/edge/Caller"
import { type ApiKeyId, DeliveryId, JobId, SegmentChangeId, SegmentId, SpaceId, type TenantId } from "@sheaf/domain/ids"
import { Space } from "@sheaf/domain/spaces/Space"
import { testKind } from "@sheaf/domain/webhooks/Delivery"
import { Effect, Schema } from "effect"
import { SqlClient } from "effect/sql"
import { space } from "../../repos/world.ts"
import * as TestServer from "../TestServer.ts"

/** A word that nothing else holds. */
const markOf = (id: string) => `mark${id.replaceAll("-", "")}`

/** A tenant with one of everything, published, searchable, in the middle of an upload and of a change of space. */
export const makeWorldIn = Effect.fnUntraced(
  function*({ keys, tenantId }: Effect.Success<typeof TestServer.makeTenant>) {
    const mark = markOf(yield* newId(SegmentId))
    const { id: datasetId } = yield* TestServer.ok(keys.write, "DatasetsCreate", { name: mark, description: mark })
    const { documentId, runId } = yield* TestServer.ok(keys.write, "DocumentsIngestText", {
      datasetId,
      name: `${mark}.txt`,
      text: mark,
      metadata: { mark }
    })
    const { uploadId } = yield* TestServer.ok(keys.write, "DocumentsUpload", {
      datasetId,
      name: `${mark}.pdf`,
      size: 10
    })
    yield* TestServer.request(`/uploads/${uploadId}`, {
      method: "PATCH",
      headers: { "upload-offset": "0" },
      body: mark.slice(0, 5),
      key: keys.write
    })
    const segments = yield* SegmentsRepo
    const documents = yield* DocumentsRepo
    const events = yield* EventsRepo
    const index = yield* SearchIndex
    const runs = yield* RunsRepo
    const segmentId = yield* newId(SegmentId)
    yield* segments.add(tenantId, { datasetId, documentId, runId, spaceId: space.id }, [{
      id: segmentId,
      ordinal: 0,
      text: mark,
      headingPath: [],
      textHash: mark,
      tokens: 1,
      language: "en",
      boxes: []
    }])
    yield* documents.publish(tenantId, documentId, { runId, pages: 1, segments: 1, tokens: 1 })
    yield* runs.end(tenantId, runId, "published")
    const jobId = yield* newId(JobId)
    const sql = yield* SqlClient.SqlClient
    yield* sql`insert into jobs (tenant_id, id, stage, lane, payload, run_id, document_id, state, cause, died_at)
    values (${tenantId}, ${jobId}, 'ParsePages', 'bulk', '{}', ${runId}, ${documentId}, 'dead',
      ${JSON.stringify({ _tag: "ParserCrashed", detail: mark })}::jsonb, now())`
    const { length, terms } = analyze(mark)
    yield* index.upsert(space, tenantId, [{
      segmentId,
      datasetId,
      documentId,
      document: {
        name: mark,
        mediaType: "text/plain",
        createdAt: (yield* documentOf(keys.read, documentId)).createdAt,
        metadata: {}
      },
      terms,
      length,
      vector: null
    }])
    const parked = { id: segmentId, text: mark, headingPath: [], textHash: mark, tokens: 1, language: "en", boxes: [] }
    const segmentChangeId = yield* newId(SegmentChangeId)
    yield* sql`insert into segment_changes
      (tenant_id, document_id, id, kind, original_id, segment_id, actor, parked, in_conflict)
    values (${tenantId}, ${documentId}, ${segmentChangeId}, 'added', null, null,
      ${JSON.stringify({ keyId: keys.write.id })}::jsonb, ${JSON.stringify(parked)}::jsonb, true)`
    const { id: operationId } = yield* TestServer.ok(keys.write, "DocumentsBulk", {
      action: { _tag: "SetMetadata", metadata: { mark } },
      select: { documentIds: [documentId] }
    })
    const changes = yield* SpaceChangesRepo
    const spaceChangeId = yield* changes.insert(tenantId, {
      datasetId,
      from: space.id,
      to: new Space({ ...space, id: SpaceId.make("ffeeddccbbaa0099"), model: mark }),
      actor: new Actor({ keyId: keys.write.id })
    })
    const { id: pipelineId } = yield* TestServer.ok(keys.write, "PipelinesCreate", {
      name: mark,
      description: mark,
      definition: { clean: [{ step: "replace", pattern: mark }] }
    })
    const { id: subscriptionId } = yield* TestServer.ok(keys.admin, "NotificationsSubscribe", {
      address: `${mark}@example.com`
    })
    const { webhookId, deliveryId } = yield* makeWebhook(tenantId, keys.admin.id, mark)
    const { id: appId } = yield* TestServer.ok(keys.write, "AppsCreate", { name: mark, description: mark })
    const { annotation } = yield* TestServer.ok(keys.write, "AnnotationsCreate", {
      appId,
      question: mark,
      answer: mark
    })
    const { id: connectionId } = yield* TestServer.ok(keys.admin, "ConnectionsCreate", {
      name: mark,
      token: `ntn_double.${mark}`
    })
    const { id: importId } = yield* TestServer.ok(keys.write, "ImportsCreate", {
      target: { documentId },
      name: `${mark}.csv`
    })
    const { id: syncId, sourceId } = yield* TestServer.ok(keys.write, "SyncsImport", {
      connectionId,
      datasetId,
      selection: "all"
    })
    const turns = yield* SyncTurnsRepo
    const page = { externalId: mark, parentId: null, title: mark, url: mark }
    const [item] = yield* turns.follow(tenantId, sourceId, [page])
    yield* turns.settle(tenantId, syncId, item!.id, {
      result: { _tag: "Created", unsupported: [mark] },
      change: { state: "present", documentId }
    })
    yield* events.number(1_000)
    return {
      keys,
      tenantId,
      mark,
      ids: {
        datasetId,
        documentId,
        runId,
        uploadId,
        segmentId,
        segmentChangeId,
        spaceChangeId,
        operationId,
        importId,
        connectionId,
        sourceId,
        syncId,
        itemId: item!.id,
        pipelineId,
        webhookId,
        subscriptionId,
        deliveryId,
        appId,
        annotationId: annotation.id,
        keyId: keys.read.id,
        jobId
      }
    }
  }
)

/** One that was told of something, which it has not heard yet. */
const makeWebhook = Effect.fnUntraced(function*(tenantId: TenantId, keyId: ApiKeyId, mark: string) {
  const caller = new Caller({ tenantId, keyId, scopes: ["admin"], datasetIds: null })
  const webhooks = yield* WebhooksRepo
  const deliveries = yield* DeliveriesRepo
  const details = { url: `https://example.com/${mark}`, description: mark, kinds: null, datasetIds: null }
  const webhookId = yield* webhooks.insert(caller, details)
  const deliveryId = yield* newId(DeliveryId)
  yield* deliveries.make(tenantId, [{ id: deliveryId, webhookId, kind: testKind, cursor: null, body: mark }])
  return { webhookId, deliveryId }
})

export const makeWorld = Effect.flatMap(TestServer.makeTenant, makeWorldIn)

const documentOf = (key: { readonly secret: string }, documentId: string) =>
  Effect.map(TestServer.ok(key, "DocumentsGet", { documentId }), (document) => ({
    createdAt: Schema.decodeSync(Schema.DateFromString)(document.createdAt)
  }))

export type World = Effect.Success<typeof makeWorld>
/** Everything that is stored for a tenant; but for when a key was last used, which looking changes. */
export const everything = Effect.fnUntraced(function*({ ids, tenantId }: World) {
  const sql = yield* SqlClient.SqlClient
  const store = yield* BlobStore
  const tables = yield* sql`select table_name from information_schema.columns
    where table_schema = 'public' and column_name = 'tenant_id' order by table_name`
  // One statement: this is looked at after every attempt.
  const ofTables = tables.map(({ tableName }) =>
    sql`select ${String(tableName)}::text as table, (to_jsonb(t) - 'last_used_at')::text as row
      from ${sql(String(tableName))} t where tenant_id = ${tenantId}`
  )
  const rows = yield* sql<{ readonly table: string; readonly row: string }>`${
    sql.join(" union all ", false)(ofTables)
  } order by 1, 2`
  const blobs = yield* TestServer.blobKeys(tenantId)
  const [upload] = yield* sql`select document_id from uploads where id = ${ids.uploadId}`
  const owner = { tenantId, datasetId: ids.datasetId, documentId: upload!["documentId"] as never }
  return { rows, blobs, staged: yield* store.staged(rawKey(owner)) }
})

/** The same, of what is the victim's where both belong to one tenant: rows that name something of it. */
export const ofVictim = (stored: Effect.Success<ReturnType<typeof everything>>, { ids, mark }: World) => ({
  ...stored,
  rows: stored.rows.filter(({ row }) => [mark, ...Object.values(ids)].some((own) => row.includes(own)))
})
