import { assert, it } from "@effect/vitest"
import { ApiRpcs, type ApiTag, requiredScope } from "@sheaf/domain/ApiRpcs"
import { Caller, type Scope } from "@sheaf/domain/edge/Caller"
import { ApiKeyId } from "@sheaf/domain/ids"
import { ApiKeysRepo } from "@sheaf/adapters/repos/access/ApiKeysRepo"
import { Context, Effect, Fiber, Layer, Stream } from "effect"
import { Headers } from "effect/http"
import { RpcSchema } from "effect/rpc"
import { SqlClient } from "effect/sql"
import { TestClock } from "effect/testing"
import * as TestServer from "../../../../test/support/TestServer.ts"
import { Gate } from "./Gate.ts"

/** What each key may do, written down once more: a slip in the ladder of scopes must not check itself. */
const allows: { readonly [Held in Scope]: ReadonlySet<Scope> } = {
  read: new Set(["read"]),
  write: new Set(["read", "write"]),
  admin: new Set(["read", "write", "admin"]),
  operator: new Set(["operator"])
}

const id = "01890a5d-ac96-774b-bcce-b302099a8057"

/** Payloads that are well formed and change nothing that another test looks at. */
const payloads: { readonly [Tag in ApiTag]: unknown } = {
  DatasetsCreate: { name: "made" },
  DatasetsGet: { datasetId: id },
  DatasetsList: {},
  DatasetsUpdate: { datasetId: id },
  DatasetsDelete: { datasetId: id },
  DatasetsChangeSpace: { datasetId: id },
  SpaceChangesList: { datasetId: id },
  SpaceChangesGet: { changeId: id },
  SpaceChangesPause: { changeId: id },
  SpaceChangesResume: { changeId: id },
  SpaceChangesCancel: { changeId: id },
  SpaceChangesRetry: { changeId: id },
  PipelinesCreate: { name: "a", definition: {} },
  PipelinesGet: { pipelineId: id },
  PipelinesList: {},
  PipelinesUpdate: { pipelineId: id },
  ConnectionsCreate: { token: "t" },
  SyncsImport: { connectionId: id, datasetId: id, selection: "all" },
  SyncsBegin: { sourceId: id },
  SyncsGet: { syncId: id },
  SyncsList: {},
  SyncsResults: { syncId: id },
  SyncsCancel: { syncId: id },
  SyncSourcesList: {},
  SyncSourcesUpdate: { sourceId: id },
  SyncSourcesDelete: { sourceId: id },
  SyncItemsList: { sourceId: id },
  SyncItemsPause: { itemId: id },
  SyncItemsResume: { itemId: id },
  ConnectionsList: {},
  ConnectionsGet: { connectionId: id },
  ConnectionsUpdate: { connectionId: id },
  ConnectionsCheck: { connectionId: id },
  ConnectionsDisable: { connectionId: id },
  ConnectionsEnable: { connectionId: id },
  ConnectionsRevoke: { connectionId: id },
  ConnectionsDelete: { connectionId: id, documents: "delete" },
  ConnectionsItems: { connectionId: id },
  PipelinesDelete: { pipelineId: id },
  NotificationsSubscribe: { address: "a@example.com", datasetIds: [id] },
  NotificationsList: {},
  NotificationsMails: {},
  NotificationsUnsubscribe: { subscriptionId: id },
  WebhooksCreate: { url: "http://127.0.0.1/" },
  WebhooksGet: { webhookId: id },
  WebhooksList: {},
  WebhooksUpdate: { webhookId: id },
  WebhooksRotate: { webhookId: id },
  WebhooksDisable: { webhookId: id },
  WebhooksEnable: { webhookId: id },
  WebhooksDelete: { webhookId: id },
  WebhooksDeliveries: { webhookId: id },
  WebhooksRedeliver: { webhookId: id },
  WebhooksTest: { webhookId: id },
  AppsCreate: { name: "a" },
  AppsGet: { appId: id },
  AppsList: {},
  AppsUpdate: { appId: id },
  AppsSetReply: { appId: id },
  AppsArchive: { appId: id },
  AppsUnarchive: { appId: id },
  AppsDelete: { appId: id },
  AnnotationsCreate: { appId: id, question: "a", answer: "a" },
  AnnotationsGet: { annotationId: id },
  AnnotationsList: { appId: id },
  AnnotationsUpdate: { annotationId: id },
  AnnotationsMatch: { appId: id, question: "a" },
  AnnotationsSimilar: { appId: id, question: "a" },
  AnnotationsHits: { annotationId: id },
  AnnotationsDelete: { appId: id, annotationIds: [id] },
  ImportsCreate: { target: { appId: id }, name: "a" },
  ImportsGet: { importId: id },
  ImportsList: {},
  ImportsRows: { importId: id },
  ImportsCancel: { importId: id },
  DocumentsUpload: { datasetId: id, name: "a" },
  DocumentsUploadStatus: { uploadId: id },
  DocumentsUploadDirect: { uploadId: id },
  DocumentsIngestText: { datasetId: id, name: "a", text: "a" },
  DocumentsGet: { documentId: id },
  DocumentsList: { datasetId: id },
  DocumentsQueue: { documentId: id },
  DatasetsStatistics: { datasetId: id },
  DatasetsFields: { datasetId: id },
  DocumentsRuns: { documentId: id },
  DocumentsWatch: { documentId: id },
  DocumentsRetry: { documentId: id },
  DocumentsCancel: { documentId: id },
  DocumentsRun: { documentId: id },
  DocumentsSettings: { documentId: id },
  DocumentsPreview: { documentId: id },
  DocumentsPreviewText: { datasetId: id, text: "a" },
  DocumentsPause: { documentId: id },
  DocumentsResume: { documentId: id },
  DocumentsPrioritise: { documentId: id, lane: "bulk" },
  DocumentsBulk: { action: { _tag: "Cancel" }, select: { documentIds: [id] } },
  OperationsGet: { operationId: id },
  OperationsList: {},
  OperationsItems: { operationId: id },
  OperationsCancel: { operationId: id },
  DocumentsDelete: { documentId: id },
  DocumentsRename: { documentId: id, name: "a" },
  DocumentsSetMetadata: { documentId: id, metadata: {} },
  DocumentsReplace: { documentId: id },
  DocumentsEnable: { documentId: id },
  DocumentsDisable: { documentId: id },
  DocumentsArchive: { documentId: id },
  DocumentsUnarchive: { documentId: id },
  SegmentsEnable: { documentId: id, segmentIds: [id] },
  SegmentsDisable: { documentId: id, segmentIds: [id] },
  AssetsList: { documentId: id },
  SegmentsList: { documentId: id },
  SegmentsGet: { documentId: id, segmentId: id },
  SegmentsAdd: { documentId: id, text: "a" },
  SegmentsEdit: { documentId: id, segmentId: id, text: "a" },
  SegmentsDelete: { documentId: id, segmentIds: [id] },
  SegmentsChanges: { documentId: id },
  SegmentsForgetChanges: { documentId: id, changeIds: [id] },
  SearchQuery: { text: "a", datasetIds: [id] },
  EventsSubscribe: { datasetId: id },
  EventsList: {},
  EventsSnapshot: {},
  IngestEventsList: {},
  AdminInfo: undefined,
  AdminUsage: undefined,
  DeadLettersList: {},
  DeadLettersRequeue: {},
  KeysCreate: { name: "a", scopes: ["admin"], datasetIds: [id] },
  KeysList: {},
  KeysOwn: undefined,
  KeysRevoke: { keyId: id },
  TenantsCreate: { name: "made" },
  TenantsList: {},
  DriftLook: { repair: false },
  DriftReports: {},
  DriftLookEverywhere: { repair: false },
  DriftSummaries: {},
  TenantsDelete: { tenantId: id },
  TenantsRemovals: {},
  TenantsSetState: { tenantId: id, state: "active" },
  TenantsUsage: { tenantId: id },
  TenantsSetLimits: { tenantId: id, limits: {} }
}

const tags = Array.from(ApiRpcs.requests.values(), (rpc) => rpc._tag)
const isStream = (tag: ApiTag) => RpcSchema.isStreamSchema(ApiRpcs.requests.get(tag)!.successSchema)

it.layer(TestServer.layer(), { timeout: "60 seconds" })("Gate", (it) => {
  for (const held of ["read", "write", "admin", "operator"] as const) {
    it.effect(`lets a key with the scope ${held} do what it may, and nothing else`, () =>
      Effect.gen(function*() {
        const { keys } = yield* TestServer.makeTenant
        yield* Effect.forEach(tags.filter((tag) => !isStream(tag)), (tag) =>
          Effect.gen(function*() {
            const { json, status } = yield* TestServer.rpc(keys[held], tag, payloads[tag])
            const isForbidden = json.error?.data.tag === "Forbidden"
            assert.strictEqual(isForbidden, !allows[held].has(requiredScope[tag]), `${held}: ${tag}`)
            assert.strictEqual(status === 403, isForbidden, tag)
            if (isForbidden) assert.strictEqual(json.error.data.needs, requiredScope[tag])
          }), { concurrency: 4 })
      }))
  }

  it.effect("asks for the scope of a stream as well", () =>
    Effect.gen(function*() {
      const { keys } = yield* TestServer.makeTenant
      const client = yield* TestServer.connect
      const error = yield* client.EventsSubscribe({}).pipe(Stream.runDrain, Effect.flip, TestServer.as(keys.operator))
      assert.strictEqual(error._tag, "Forbidden")
    }))

  it.effect("knows why a key is no good", () =>
    Effect.gen(function*() {
      const { keys } = yield* TestServer.makeTenant
      const sql = yield* SqlClient.SqlClient
      const reason = (key: { readonly secret: string } | undefined) =>
        Effect.map(TestServer.rpc(key, "DatasetsList", {}), ({ headers, json, status }) => {
          assert.strictEqual(status, 401)
          assert.strictEqual(headers.get("www-authenticate"), "Bearer realm=\"sheaf\"")
          return json.error.data.reason
        })
      assert.strictEqual(yield* reason(undefined), "missing")
      assert.strictEqual(yield* reason({ secret: "shf_wrong" }), "unknown")
      assert.strictEqual(yield* reason({ secret: `${keys.read.secret}x` }), "unknown")
      yield* sql`update api_keys set expires_at = now() where id = ${keys.write.id}`
      assert.strictEqual(yield* reason(keys.write), "expired")
      yield* TestServer.ok(keys.read, "DatasetsList", {})
      yield* TestServer.ok(keys.admin, "KeysRevoke", { keyId: keys.read.id })
      assert.strictEqual(yield* reason(keys.read), "revoked")
    }))

  it.effect("asks on every mount and route", () =>
    Effect.gen(function*() {
      const { keys } = yield* TestServer.makeTenant
      const routes = [
        ["GET", `/uploads/${id}`],
        ["PATCH", `/uploads/${id}`],
        ["POST", `/datasets/${id}/documents?name=a`],
        ["GET", `/documents/${id}/content`]
      ] as const
      yield* Effect.forEach(routes, ([method, path]) =>
        Effect.gen(function*() {
          const missing = yield* TestServer.request(path, { method })
          assert.deepStrictEqual([missing.status, missing.json.error.tag], [401, "Unauthorized"])
          const operator = yield* TestServer.request(path, { method, key: keys.operator })
          assert.deepStrictEqual([operator.status, operator.json.error.tag], [403, "Forbidden"])
        }))
      const body = `${JSON.stringify({ _tag: "Request", id: "1", tag: "DatasetsList", payload: {}, headers: [] })}\n`
      const ndjson = yield* TestServer.request("/rpc/http", { method: "POST", body })
      assert.include(ndjson.text, "\"_tag\":\"Unauthorized\"")
      const client = yield* TestServer.connect
      const error = yield* Effect.flip(client.DatasetsList({}).pipe(TestServer.as({ secret: "shf_wrong" })))
      assert.strictEqual(error._tag, "Unauthorized")
    }))

  it.effect("refuses a suspended tenant, except to operators", () =>
    Effect.gen(function*() {
      const { keys, tenantId } = yield* TestServer.makeTenant
      const suspended = { status: 403, tag: "TenantSuspended" }
      yield* TestServer.ok(keys.operator, "TenantsSetState", { tenantId, state: "suspended" })
      assert.deepStrictEqual(yield* TestServer.refusal(keys.read, "DatasetsList", {}), suspended)
      assert.deepStrictEqual(yield* TestServer.refusal(keys.admin, "DatasetsCreate", { name: "a" }), suspended)
      const upload = yield* TestServer.request(`/datasets/${id}/documents?name=a`, { method: "POST", key: keys.write })
      assert.strictEqual(upload.json.error.tag, "TenantSuspended")
      yield* TestServer.ok(keys.operator, "TenantsSetState", { tenantId, state: "active" })
      yield* TestServer.ok(keys.read, "DatasetsList", {})
    }))

  it.effect("notes when a key was used, once a minute", () =>
    Effect.gen(function*() {
      const { keys, tenantId } = yield* TestServer.makeTenant
      const repo = yield* ApiKeysRepo
      const caller = new Caller({ tenantId, keyId: ApiKeyId.make(keys.admin.id), scopes: ["admin"], datasetIds: null })
      const lastUsed = Effect.map(repo.list(caller, {}), (page) => {
        const items = page._tag === "Some" ? page.value.items : []
        return items.find((key) => key.id === keys.read.id)?.lastUsedAt
      })
      assert.isNull(yield* lastUsed)
      yield* TestServer.ok(keys.read, "DatasetsList", {})
      const first = yield* lastUsed
      assert.instanceOf(first, Date)
      yield* TestServer.ok(keys.read, "DatasetsList", {})
      assert.deepStrictEqual(yield* lastUsed, first)
    }))

  it.effect("lets a person read what was made for that person, through every kind of call", () =>
    Effect.gen(function*() {
      const { keys } = yield* TestServer.makeTenant
      const as = (id: string) => ({ "sheaf-on-behalf-of": encodeURIComponent(JSON.stringify({ id, name: "Zoë" })) })
      const get = (datasetId: string, headers: Record<string, string>) =>
        TestServer.request("/rpc/json", {
          method: "POST",
          key: keys.write,
          headers: { ...headers, "content-type": "application/json" },
          body: JSON.stringify({ jsonrpc: "2.0", id: 1, method: "DatasetsGet", params: { datasetId } })
        })
      const made = yield* TestServer.ok(keys.write, "DatasetsCreate", {
        name: "diary",
        permission: "private",
        onBehalfOf: { id: "zoe" }
      })
      assert.strictEqual((yield* get(made.id, as("zoe"))).status, 200)
      assert.strictEqual((yield* get(made.id, as("max"))).status, 404)
      assert.strictEqual((yield* get(made.id, {})).status, 404)
      const malformed = yield* get(made.id, { "sheaf-on-behalf-of": "zoe" })
      assert.deepStrictEqual([malformed.status, malformed.json.error.data.reason], [401, "malformed"])
    }))

  it.effect("gives a key made by another no more time and no more keys to see than that one has", () =>
    Effect.gen(function*() {
      const { keys } = yield* TestServer.makeTenant
      const sql = yield* SqlClient.SqlClient
      const dataset = yield* TestServer.ok(keys.admin, "DatasetsCreate", { name: "shelf" })
      const limited = yield* TestServer.ok(keys.admin, "KeysCreate", {
        name: "limited",
        scopes: ["admin"],
        datasetIds: [dataset.id]
      })
      yield* sql`update api_keys set expires_at = now() + interval '1 hour' where id = ${limited.key.id}`
      const child = yield* TestServer.ok(limited, "KeysCreate", { name: "child", scopes: ["read"] })
      assert.isNotNull(child.key.expiresAt)
      assert.deepStrictEqual(child.key.datasetIds, [dataset.id])
      const seen = yield* TestServer.ok(limited, "KeysList", {})
      assert.sameMembers(seen.items.map((key: { readonly name: string }) => key.name), ["limited", "child"])
      const other = yield* TestServer.ok(keys.admin, "DatasetsCreate", { name: "other" })
      const [wider, elsewhere] = yield* Effect.forEach([[dataset.id, other.id], [other.id]], (datasetIds) =>
        Effect.map(
          TestServer.ok(keys.admin, "KeysCreate", { name: "more", scopes: ["read"], datasetIds }),
          ({ key }: { readonly key: { readonly id: string } }) => key.id
        ))
      const seenNow = yield* TestServer.ok(limited, "KeysList", {})
      assert.deepStrictEqual(seenNow.items, seen.items)
      for (const keyId of [keys.read.id, wider, elsewhere]) {
        const refused = yield* TestServer.refusal(limited, "KeysRevoke", { keyId })
        assert.strictEqual(refused.tag, "ApiKeyNotFound")
      }
      assert.strictEqual(
        (yield* TestServer.ok(limited, "KeysRevoke", { keyId: child.key.id })).id,
        child.key.id
      )
    }))

  it.effect("ends what is open when the key is revoked", () =>
    Effect.gen(function*() {
      const { keys } = yield* TestServer.makeTenant
      const { admit, watch } = Context.get(yield* Layer.build(Gate.layer), Gate)
      const headers = Headers.fromInput({ authorization: `Bearer ${keys.read.secret}` })
      const admission = { operation: "EventsSubscribe", scope: "read" } as const
      yield* admit(headers, admission)
      const watching = yield* Effect.forkChild(Effect.flip(watch(headers, admission)))
      yield* TestServer.ok(keys.admin, "KeysRevoke", { keyId: keys.read.id })
      const error = yield* Effect.raceFirst(
        Fiber.join(watching),
        // Real time goes by between two looks: the database is not on the test's clock.
        Effect.forever(Effect.andThen(TestClock.adjust("5 seconds"), TestServer.request("/health/live")))
      )
      assert.strictEqual(error._tag === "Unauthorized" ? error.reason : error._tag, "revoked")
    }))
})
