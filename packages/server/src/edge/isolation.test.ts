import { assert, it } from "@effect/vitest"
import { BlobStore, rawKey } from "@sheaf/adapters/blobs/BlobStore"
import { DocumentsRepo } from "@sheaf/adapters/repos/documents/DocumentsRepo"
import { EventsRepo } from "@sheaf/adapters/repos/events/EventsRepo"
import { newId } from "@sheaf/adapters/repos/newId"
import { RunsRepo } from "@sheaf/adapters/repos/runs/RunsRepo"
import { SegmentsRepo } from "@sheaf/adapters/repos/segments/SegmentsRepo"
import { SearchIndex } from "@sheaf/adapters/search/SearchIndex"
import { analyze } from "@sheaf/adapters/text/analyzer"
import { ApiRpcs, type ApiTag, requiredScope } from "@sheaf/domain/ApiRpcs"
import { JobId, SegmentId } from "@sheaf/domain/ids"
import { Effect, Predicate, Schema, Stream } from "effect"
import { RpcSchema } from "effect/rpc"
import { SqlClient } from "effect/sql"
import { space } from "../../../../test/repos/world.ts"
import * as TestServer from "../../../../test/support/TestServer.ts"

/** A word that nothing else holds. */
const markOf = (id: string) => `mark${id.replaceAll("-", "")}`

/** A tenant with one of everything, published, searchable, in the middle of an upload. */
const makeWorldIn = Effect.fnUntraced(function*({ keys, tenantId }: Effect.Success<typeof TestServer.makeTenant>) {
  const mark = markOf(yield* newId(SegmentId))
  const { id: datasetId } = yield* TestServer.ok(keys.write, "DatasetsCreate", { name: mark, description: mark })
  const { documentId, runId } = yield* TestServer.ok(keys.write, "DocumentsIngestText", {
    datasetId,
    name: `${mark}.txt`,
    text: mark,
    metadata: { mark }
  })
  const { uploadId } = yield* TestServer.ok(keys.write, "DocumentsUpload", { datasetId, name: `${mark}.pdf`, size: 10 })
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
  yield* events.number(1_000)
  return {
    keys,
    tenantId,
    mark,
    ids: { datasetId, documentId, runId, uploadId, segmentId, keyId: keys.read.id, tenantId, jobId }
  }
})

const makeWorld = Effect.flatMap(TestServer.makeTenant, makeWorldIn)

const documentOf = (key: { readonly secret: string }, documentId: string) =>
  Effect.map(TestServer.ok(key, "DocumentsGet", { documentId }), (document) => ({
    createdAt: Schema.decodeSync(Schema.DateFromString)(document.createdAt)
  }))

type World = Effect.Success<typeof makeWorld>
type Kind = keyof World["ids"]

/** Everything that is stored for a tenant; but for when a key was last used, which looking changes. */
const everything = Effect.fnUntraced(function*({ ids, tenantId }: World) {
  const sql = yield* SqlClient.SqlClient
  const store = yield* BlobStore
  const tables = yield* sql`select table_name from information_schema.columns
    where table_schema = 'public' and column_name = 'tenant_id' order by table_name`
  const rows = yield* Effect.forEach(
    tables,
    ({ tableName }) =>
      sql`select to_jsonb(t) - 'last_used_at' as row from ${sql(String(tableName))} t where tenant_id = ${tenantId}
      order by to_jsonb(t)::text`
  )
  const blobs = yield* TestServer.blobKeys(tenantId)
  const [upload] = yield* sql`select document_id from uploads where id = ${ids.uploadId}`
  const owner = { tenantId, datasetId: ids.datasetId, documentId: upload!["documentId"] as never }
  return { rows, blobs, staged: yield* store.staged(rawKey(owner)) }
})

/** Where a payload takes an id: paths of names, `*` for each item of a list. */
const idPaths = (
  schema: unknown,
  definitions: Readonly<Record<string, unknown>>,
  path: ReadonlyArray<string> = []
): ReadonlyArray<ReadonlyArray<string>> => {
  if (!Predicate.isObject(schema)) return []
  const at = (child: unknown, name?: string) => idPaths(child, definitions, name === undefined ? path : [...path, name])
  const found = Object.entries(schema).flatMap(([keyword, value]) => {
    if (keyword === "format") return value === "uuid" ? [path] : []
    if (keyword === "properties" && Predicate.isObject(value)) {
      return Object.entries(value).flatMap(([name, child]) => at(child, name))
    }
    if (keyword === "items") return at(value, "*")
    if (keyword === "$ref" && path.length < 6) return at(definitions[String(value).replace("#/$defs/", "")])
    return Array.isArray(value) ? value.flatMap((child) => at(child)) : []
  })
  return found
}

const pathsOf = (tag: ApiTag) => {
  const document = Schema.toJsonSchemaDocument(ApiRpcs.requests.get(tag)!.payloadSchema)
  return idPaths(document.schema, document.definitions)
}

const kinds: Readonly<Record<string, Kind>> = {
  datasetId: "datasetId",
  datasetIds: "datasetId",
  documentId: "documentId",
  uploadId: "uploadId",
  segmentId: "segmentId",
  keyId: "keyId",
  jobIds: "jobId",
  tenantId: "tenantId"
}

/** A payload of the caller's own things, but for what `intruder` says. */
const payloadOf = (
  tag: ApiTag,
  own: World["ids"],
  other?: { readonly path: ReadonlyArray<string>; readonly id: string }
) => {
  const rest: Readonly<Record<string, unknown>> = {
    DatasetsCreate: { name: "n" },
    DatasetsUpdate: { name: "n" },
    DocumentsUpload: { name: "n" },
    DocumentsIngestText: { name: "n", text: "n" },
    SearchQuery: { text: "anything", mode: "keyword" },
    KeysCreate: { name: "n", scopes: ["read"] },
    TenantsSetState: { state: "active" }
  }
  const payload: Record<string, unknown> = { ...rest[tag] as object }
  for (const [name, star] of pathsOf(tag)) {
    const id = other !== undefined && other.path[0] === name ? other.id : own[kinds[name!]!]
    payload[name!] = star === "*" ? [id] : id
  }
  return payload
}

const calls = Array.from(ApiRpcs.requests.values(), (rpc) => rpc._tag)
  .flatMap((tag) => pathsOf(tag).map((path) => ({ tag, path })))
  // An operator's business is the tenants themselves.
  .filter(({ tag }) => tag !== "TenantsSetState")

it.layer(TestServer.layer(), { timeout: "60 seconds" })("isolation of tenants", (it) => {
  it.effect("has a case for every field of the contract that takes an id", () =>
    Effect.sync(() => {
      for (const { path, tag } of calls) assert.property(kinds, path[0]!, `${tag}: ${path.join(".")}`)
      assert.isAtLeast(calls.length, 20)
    }))

  /** Sends the victim's ids, one at a time, among the attacker's own. */
  const attack = Effect.fnUntraced(function*(
    victim: World,
    attacker: { readonly ids: World["ids"]; readonly key: { readonly secret: string } },
    attempts: typeof calls
  ) {
    const before = yield* everything(victim)
    const client = yield* TestServer.connect
    for (const { path, tag } of attempts) {
      const where = `${tag}: ${path.join(".")}`
      const payload = payloadOf(tag, attacker.ids, { path, id: victim.ids[kinds[path[0]!]!] })
      if (RpcSchema.isStreamSchema(ApiRpcs.requests.get(tag)!.successSchema)) {
        // One of two streams, with the payload that was made for it.
        const stream = client[tag as "DocumentsWatch"](payload as never)
        const error = yield* Effect.flip(Stream.runDrain(stream)).pipe(TestServer.as(attacker.key))
        assert.include(["DocumentNotFound", "DatasetNotFound"], error._tag, where)
      } else {
        const { status, text } = yield* TestServer.rpc(attacker.key, tag, payload)
        assert.strictEqual(status, 404, `${where} ${text}`)
        assert.notInclude(text, victim.mark, where)
      }
      assert.deepStrictEqual(yield* everything(victim), before, where)
    }
  })

  it.effect("neither shows nor changes another tenant's things, whatever id is sent", () =>
    Effect.gen(function*() {
      const victim = yield* makeWorld
      const { ids, keys } = yield* makeWorld
      yield* attack(victim, { ids, key: keys.admin }, calls)
    }))

  it.effect("the attempts are good calls when the ids are one's own", () =>
    Effect.gen(function*() {
      for (const { tag } of calls) {
        if (RpcSchema.isStreamSchema(ApiRpcs.requests.get(tag)!.successSchema)) continue
        const { ids, keys } = yield* makeWorld
        const { status, text } = yield* TestServer.rpc(keys.admin, tag, payloadOf(tag, ids))
        // The run of these documents has ended.
        assert.strictEqual(status, tag === "DocumentsCancel" ? 409 : 200, `${tag} ${text}`)
      }
    }))

  it.effect("keeps a key that is limited to some datasets out of the others of its tenant", () =>
    Effect.gen(function*() {
      const tenant = yield* TestServer.makeTenant
      const victim = yield* makeWorldIn(tenant)
      const { ids } = yield* makeWorldIn(tenant)
      const key = yield* TestServer.makeKey(tenant.tenantId, ["admin"], [ids.datasetId])
      // Keys belong to no dataset.
      yield* attack(victim, { ids, key }, calls.filter(({ path }) => path[0] !== "keyId"))
      const { text } = yield* TestServer.rpc(key, "EventsList", { after: "0" })
      assert.notInclude(text, victim.ids.datasetId)
      assert.include(text, ids.datasetId)
      assert.strictEqual((yield* TestServer.refusal(key, "DatasetsCreate", { name: "n" })).tag, "Forbidden")
      const made = yield* TestServer.ok(key, "KeysCreate", { name: "n", scopes: ["read"] })
      assert.deepStrictEqual(made.key.datasetIds, [ids.datasetId])
    }))

  it.effect("keeps private datasets to their makers, but for keys with the scope admin", () =>
    Effect.gen(function*() {
      const tenant = yield* TestServer.makeTenant
      const victim = yield* makeWorldIn(tenant)
      const { ids } = yield* makeWorldIn(tenant)
      const { datasetId } = victim.ids
      const other = yield* TestServer.makeKey(tenant.tenantId, ["write"])
      yield* TestServer.ok(tenant.keys.write, "DatasetsUpdate", { datasetId, permission: "private" })
      yield* attack(victim, { ids, key: other }, calls.filter(({ tag }) => requiredScope[tag] !== "admin"))
      const listed = yield* TestServer.rpc(other, "EventsList", { after: "0" })
      assert.notInclude(listed.text, datasetId)
      assert.strictEqual((yield* TestServer.ok(tenant.keys.write, "DatasetsGet", { datasetId })).id, datasetId)
      assert.strictEqual((yield* TestServer.ok(tenant.keys.admin, "DatasetsGet", { datasetId })).id, datasetId)
      assert.include((yield* TestServer.rpc(tenant.keys.admin, "EventsList", { after: "0" })).text, datasetId)
    }))

  it.effect("the same on the plain routes", () =>
    Effect.gen(function*() {
      const victim = yield* makeWorld
      const attacker = yield* makeWorld
      const before = yield* everything(victim)
      const { datasetId, documentId, uploadId } = victim.ids
      const headers = { "upload-offset": "5", "upload-complete": "?1" }
      const attempts = [
        ["GET", `/uploads/${uploadId}`],
        ["HEAD", `/uploads/${uploadId}`],
        ["PATCH", `/uploads/${uploadId}`],
        ["POST", `/datasets/${datasetId}/documents?name=n`],
        ["GET", `/documents/${documentId}/content`]
      ] as const
      for (const [method, path] of attempts) {
        const body = method === "PATCH" || method === "POST" ? { body: "12345" } : {}
        const { status, text } = yield* TestServer.request(path, { method, headers, key: attacker.keys.admin, ...body })
        assert.strictEqual(status, 404, path)
        assert.notInclude(text, victim.mark)
        assert.deepStrictEqual(yield* everything(victim), before, path)
      }
    }))

  it.effect("lists, searches and events of one tenant say nothing of another", () =>
    Effect.gen(function*() {
      const victim = yield* makeWorld
      const attacker = yield* makeWorld
      const { admin } = attacker.keys
      const says = (method: string, params: unknown) =>
        Effect.map(TestServer.rpc(admin, method, params), ({ text }) => text)
      const { datasetId, documentId } = attacker.ids
      const heard = yield* Effect.all([
        says("DatasetsList", {}),
        says("DatasetsList", { name: victim.mark }),
        says("DocumentsList", { datasetId, name: victim.mark }),
        says("SegmentsList", { documentId }),
        says("SearchQuery", { text: victim.mark, mode: "keyword" }),
        says("SearchQuery", {
          text: "x",
          mode: "keyword",
          filter: { field: "$documentId", eq: victim.ids.documentId }
        }),
        says("EventsList", { after: "0", limit: 1_000 }),
        says("KeysList", {})
      ])
      for (const text of heard) {
        assert.notInclude(text, victim.mark)
        for (const id of [victim.ids.datasetId, victim.ids.documentId, victim.ids.keyId]) {
          assert.notInclude(text.replace(/"filter".*/, ""), id)
        }
      }
      // Its own it does find.
      assert.include(yield* says("SearchQuery", { text: attacker.mark, mode: "keyword" }), attacker.ids.segmentId)
      assert.include(yield* says("EventsList", { after: "0", limit: 1_000 }), attacker.ids.documentId)
      const create = { idempotencyKey: "shared", name: "mine" }
      const mine = yield* TestServer.ok(victim.keys.write, "DatasetsCreate", create)
      const theirs = yield* TestServer.ok(attacker.keys.write, "DatasetsCreate", create)
      assert.notStrictEqual(mine.id, theirs.id)
    }))

  it.effect("a list goes on only for its own tenant, whatever cursor is sent", () =>
    Effect.gen(function*() {
      const victim = yield* makeWorld
      const attacker = yield* makeWorld
      yield* TestServer.ok(victim.keys.write, "DatasetsCreate", { name: `zz ${victim.mark}` })
      const { next } = yield* TestServer.ok(victim.keys.read, "DatasetsList", { limit: 1 })
      const { text } = yield* TestServer.rpc(attacker.keys.read, "DatasetsList", { cursor: next })
      assert.notInclude(text, victim.mark)
      for (const cursor of ["AAAA", Buffer.from("[\"\\u0000\",\"x\"]").toString("base64url"), "e30"]) {
        const lists = [
          ["DatasetsList", {}],
          ["DocumentsList", { datasetId: attacker.ids.datasetId }],
          ["SegmentsList", { documentId: attacker.ids.documentId }],
          ["KeysList", {}]
        ] as const
        for (const [method, params] of lists) {
          const refused = yield* TestServer.refusal(attacker.keys.admin, method, { ...params, cursor })
          assert.deepStrictEqual(refused, { status: 422, tag: "BadRequest" }, method)
        }
      }
    }))
})
