import { assert, it } from "@effect/vitest"
import { Embedder } from "@sheaf/adapters/embedding/Embedder"
import { ApiRpcs, requiredScope } from "@sheaf/domain/ApiRpcs"
import { Effect, Layer, Stream } from "effect"
import { RpcSchema } from "effect/rpc"
import { space } from "../../../../test/repos/world.ts"
import { fields, kindOf, nameOf, payloadOf, ways } from "../../../../test/support/isolation/idFields.ts"
import {
  everything,
  makeWorld,
  makeWorldIn,
  ofVictim,
  type World
} from "../../../../test/support/isolation/isolationWorld.ts"
import * as TestServer from "../../../../test/support/TestServer.ts"

/** Counts, so that segments can be added. */
const embedder = Layer.mock(Embedder, {
  space,
  parallel: 1,
  countTokens: (texts) => Effect.succeed(texts.map(() => 1))
})

/** Where an id that is not one's own is not refused, and what the answer says of it: as of an id that nothing has. */
const answered: Readonly<Record<string, (id: string) => object>> = {
  "SegmentsEnable: segmentIds.*": (id) => ({ changed: 0, missing: [id] }),
  "SegmentsDisable: segmentIds.*": (id) => ({ changed: 0, missing: [id] }),
  "SegmentsDelete: segmentIds.*": (id) => ({ deleted: [], missing: [id] }),
  "AnnotationsDelete: annotationIds.*": (id) => ({ deleted: [], missing: [id] }),
  "SegmentsForgetChanges: changeIds.*": () => ({ forgotten: [] }),
  "SegmentsList: parentId": () => ({ items: [] }),
  // Nothing of one's own is attached to it.
  "DocumentsList: attachedTo": () => ({ items: [] }),
  "DocumentsBulk: select.filter.attachedTo": () => ({ total: 0 }),
  // It is looked for when its turn comes, by the rights of the caller.
  // Lists of what there is of it for the caller: nothing.
  "SyncsList: sourceId": () => ({ items: [] }),
  "SyncSourcesList: connectionId": () => ({ items: [] }),
  "SyncSourcesList: datasetId": () => ({ items: [] }),
  "SyncItemsList: documentId": () => ({ items: [] }),
  "DocumentsBulk: select.documentIds.*": () => ({ state: "running", datasetId: null, total: 1, done: 0 })
}

/** What belongs to the tenant, and to none of its datasets. */
const isBeyondDatasets = ({ path }: (typeof fields)[number]) =>
  ["connectionId", "keyId", "pipelineId", "appId", "annotationId"].includes(kindOf(path)!)

/** What a key that is limited to some datasets may not call at all. */
const isForWholeTenant = ({ tag }: (typeof fields)[number]) => /^(Webhooks|Notifications|SyncsImport)/.test(tag)

/** Where the wish of a caller stands with the ids that it sent. */
const wishes = new Set(["audit_log", "idempotency_keys", "operation_items", "operations"])

/** Where one's own things are not in the state for it: the run has ended, the space is changing already, nothing is parsed. */
const conflicts: Readonly<Record<string, string>> = {
  "AnnotationsMatch: appId": "AppNotAnswering",
  "DocumentsCancel: documentId": "StateConflict",
  "DocumentsPreview: documentId": "CannotPreview",
  "DocumentsPause: documentId": "StateConflict",
  "DocumentsResume: documentId": "StateConflict",
  "DocumentsPrioritise: documentId": "StateConflict",
  "DatasetsChangeSpace: datasetId": "SpaceChangeConflict",
  "SpaceChangesRetry: changeId": "SpaceChangeConflict"
}

it.layer(TestServer.layer({}, Layer.merge(TestServer.adapters, embedder)), { timeout: "60 seconds" })(
  "isolation of tenants",
  (it) => {
    it.effect("has a case for every field of the contract that takes an id", () =>
      Effect.sync(() => {
        for (const field of fields) assert.isDefined(kindOf(field.path), nameOf(field))
        assert.isAtLeast(fields.length, 60)
        for (const name of [...Object.keys(answered), ...Object.keys(conflicts)]) {
          assert.include(fields.map(nameOf), name)
        }
      }))

    /** Sends the victim's ids, one at a time, among the attacker's own. */
    const attack = Effect.fnUntraced(function*(
      victim: World,
      attacker: { readonly ids: World["ids"]; readonly tenantId: string; readonly key: { readonly secret: string } },
      attempts: typeof fields
    ) {
      const client = yield* TestServer.connect
      let before = yield* everything(victim)
      for (const field of attempts) {
        const { path, tag } = field
        const where = nameOf(field)
        const id = victim.ids[kindOf(path)!]
        const payload = payloadOf(field, attacker.ids, id)
        const own = answered[where]
        if (RpcSchema.isStreamSchema(ApiRpcs.requests.get(tag)!.successSchema)) {
          // One of two streams, with the payload that was made for it.
          const stream = client[tag as "DocumentsWatch"](payload as never)
          const error = yield* Effect.flip(Stream.runDrain(stream)).pipe(TestServer.as(attacker.key))
          assert.include(["DocumentNotFound", "DatasetNotFound"], error._tag, where)
        } else {
          const { json, status, text } = yield* TestServer.rpc(attacker.key, tag, payload)
          assert.strictEqual(status, own === undefined ? 404 : 200, `${where} ${text}`)
          assert.notInclude(text, victim.mark, where)
          if (own !== undefined) assert.deepInclude(json.result, own(id), where)
        }
        const after = yield* everything(victim)
        if (own === undefined || attacker.tenantId !== victim.tenantId) assert.deepStrictEqual(after, before, where)
        else {
          // It did change what is its own: the wish is written down, with the ids in it.
          const written = (row: { readonly table: string }) => !wishes.has(row.table)
          const [now, then] = [ofVictim(after, victim), ofVictim(before, victim)]
          assert.deepStrictEqual(now.rows.filter(written), then.rows.filter(written), where)
          assert.includeDeepMembers(now.rows, then.rows, where)
        }
        before = after
      }
    })

    it.effect("neither shows nor changes another tenant's things, whatever id is sent", () =>
      Effect.gen(function*() {
        const victim = yield* makeWorld
        const { ids, keys, tenantId } = yield* makeWorld
        yield* attack(victim, { ids, tenantId, key: keys.admin }, fields)
      }), 120_000)

    it.effect("the attempts are good calls when the ids are one's own", () =>
      Effect.gen(function*() {
        // What only reads leaves it as it was.
        const still = yield* makeWorld
        for (const field of ways) {
          const { path, tag } = field
          if (RpcSchema.isStreamSchema(ApiRpcs.requests.get(tag)!.successSchema)) continue
          const { ids, keys } = requiredScope[tag] === "read" ? still : yield* makeWorld
          const { json, status, text } = yield* TestServer.rpc(
            keys.admin,
            tag,
            payloadOf(field, ids, ids[kindOf(path)!])
          )
          const conflict = conflicts[nameOf(field)]
          assert.strictEqual(status, conflict === undefined ? 200 : 409, `${nameOf(field)} ${text}`)
          if (conflict !== undefined) assert.strictEqual(json.error.data.tag, conflict)
        }
      }), 120_000)

    it.effect("keeps a key that is limited to some datasets out of the others of its tenant", () =>
      Effect.gen(function*() {
        const tenant = yield* TestServer.makeTenant
        const victim = yield* makeWorldIn(tenant)
        const { ids } = yield* makeWorldIn(tenant)
        const key = yield* TestServer.makeKey(tenant.tenantId, ["admin"], [ids.datasetId])
        // Keys, pipelines and apps belong to no dataset.
        yield* attack(
          victim,
          { ids, tenantId: tenant.tenantId, key },
          fields.filter((field) => !isBeyondDatasets(field) && !isForWholeTenant(field))
        )
        for (const list of ["OperationsList", "DatasetsList", "DeadLettersList", "EventsSnapshot", "SearchQuery"]) {
          const params = list === "SearchQuery" ? { text: victim.mark, mode: "keyword" } : {}
          assert.notInclude((yield* TestServer.rpc(key, list, params)).text, victim.mark, list)
        }
        const bulk = { action: { _tag: "Pause" }, select: { datasetId: ids.datasetId } }
        const { id: operationId } = yield* TestServer.ok(tenant.keys.write, "DocumentsBulk", bulk)
        assert.strictEqual((yield* TestServer.ok(key, "OperationsGet", { operationId })).id, operationId)
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
        yield* attack(
          victim,
          { ids, tenantId: tenant.tenantId, key: other },
          fields.filter((field) => requiredScope[field.tag] !== "admin" && !isBeyondDatasets(field))
        )
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
        const { datasetId, documentId, importId, segmentId, uploadId } = victim.ids
        const headers = { "upload-offset": "5", "upload-complete": "?1" }
        const attempts = [
          ["GET", `/uploads/${uploadId}`],
          ["GET", `/imports/${importId}/file`],
          ["PATCH", `/imports/${importId}/file`],
          ["GET", `/imports/${importId}/results`],
          ["HEAD", `/uploads/${uploadId}`],
          ["PATCH", `/uploads/${uploadId}`],
          ["POST", `/datasets/${datasetId}/documents?name=n`],
          ["GET", `/documents/${documentId}/content`],
          ["GET", `/documents/${documentId}/content?as=link`],
          ["GET", `/documents/${documentId}/thumbnail`],
          ["GET", `/documents/${documentId}/assets/${"0".repeat(64)}`],
          ["GET", `/documents/${documentId}/cited-pages?segments=${segmentId}`]
        ] as const
        for (const [method, path] of attempts) {
          const body = method === "PATCH" || method === "POST" ? { body: "12345" } : {}
          const { status, text } = yield* TestServer.request(path, {
            method,
            headers,
            key: attacker.keys.admin,
            ...body
          })
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
          says("EventsSnapshot", {}),
          says("OperationsList", {}),
          says("SpaceChangesList", { datasetId }),
          says("SegmentsChanges", { documentId }),
          says("DeadLettersList", {}),
          says("IngestEventsList", {}),
          says("DriftReports", {}),
          says("KeysList", {}),
          says("AppsList", {}),
          says("AnnotationsList", { appId: attacker.ids.appId, text: victim.mark })
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
  }
)
