import { assert, it } from "@effect/vitest"
import { Embedder } from "@sheaf/adapters/embedding/Embedder"
import { Effect, Layer } from "effect"
import { SqlClient } from "effect/sql"
import { Server } from "@sheaf/server/Server"
import { directions, setting as searchable, space, zoo } from "../support/searchable.ts"
import * as TestServer from "../support/TestServer.ts"
import { engines, eventually, old, patience, setting, text, working, young } from "./world.ts"

const nowhere = "00000000000000aa"

for (const { layer, name } of engines) {
  it.layer(layer, { timeout: "120 seconds" })(`a move that cannot be, ${name}`, (it) => {
    it.effect("is refused with what is in the way and what can be done", () =>
      Effect.gen(function*() {
        const { datasetId, keys, start, steer } = yield* setting
        const refused = (method: string, params: object, key = keys.write) =>
          Effect.map(TestServer.rpc(key, method, params), ({ json, status }) => ({ status, ...json.error.data }))
        assert.deepInclude(yield* refused("DatasetsChangeSpace", { datasetId, spaceId: nowhere }), {
          status: 422,
          tag: "SpaceNotServed",
          served: [{ id: old.id, model: "old" }, { id: young.id, model: "young" }]
        })
        assert.deepInclude(yield* refused("DatasetsChangeSpace", { datasetId }), {
          status: 409,
          tag: "SpaceChangeConflict",
          state: "settled"
        })
        const { id } = yield* start
        assert.deepInclude(yield* refused("DatasetsChangeSpace", { datasetId, spaceId: young.id }), {
          status: 409,
          state: "building",
          changeId: id,
          allowed: ["pause", "resume", "cancel"]
        })
        assert.deepInclude(yield* refused("SpaceChangesRetry", { changeId: id }), { status: 409, action: "be retried" })
        assert.strictEqual((yield* refused("SpaceChangesPause", { changeId: id }, keys.read)).tag, "Forbidden")
        const stranger = yield* TestServer.makeTenant
        for (const method of ["Get", "Pause", "Resume", "Cancel", "Retry"]) {
          const answer = yield* refused(`SpaceChanges${method}`, { changeId: id }, stranger.keys.admin)
          assert.deepInclude(answer, { status: 404, tag: "SpaceChangeNotFound" })
        }
        for (const method of ["SpaceChangesList", "DatasetsChangeSpace"]) {
          assert.strictEqual((yield* refused(method, { datasetId }, stranger.keys.admin)).tag, "DatasetNotFound")
        }
        assert.strictEqual((yield* steer("Cancel", id)).state, "cancelled")
        const page = yield* TestServer.ok(keys.read, "SpaceChangesList", { datasetId })
        assert.deepStrictEqual(page.items.map((change: { readonly id: string }) => change.id), [id])
      }), patience)

    it.effect("deleting a dataset ends its move", () =>
      Effect.gen(function*() {
        const { datasetId, entries, hurry, keys, owed, publish, sql, start, young: second } = yield* setting
        yield* working
        yield* publish("oslo", text("oslo"))
        second.hangs = "oslo"
        yield* start
        yield* eventually(Effect.sync(() => second.hanging), (count) => count > 0)
        yield* TestServer.ok(keys.write, "DatasetsDelete", { datasetId })
        yield* eventually(sql`select 1 from datasets where id = ${datasetId}`, (rows) => rows.length === 0)
        second.hangs = null
        yield* hurry
        yield* eventually(owed, (jobs) => jobs === 0)
        assert.deepStrictEqual([yield* entries(old), yield* entries(young)], [0, 0])
        assert.lengthOf(yield* sql`select 1 from space_changes where dataset_id = ${datasetId}`, 0)
      }), patience)
  })
}

/** A server whose embedder is not the one of every dataset. */
const withoutPrevious = Server.layer({ version: "0", profile: "embedded" }).pipe(
  Layer.provideMerge(Layer.merge(
    TestServer.adapters,
    Layer.mock(Embedder, { space, parallel: 1, embedQuery: () => Effect.succeed(directions.animals) })
  )),
  Layer.orDie,
  Layer.provide(TestServer.onRealTime)
)

it.layer(withoutPrevious, { timeout: "60 seconds" })("a dataset in a space without an embedder", (it) => {
  it.effect("is searched by words alone, and the answer says so", () =>
    Effect.gen(function*() {
      const { makeDataset, publish, search, tenantId } = yield* searchable
      const datasetId = yield* makeDataset("zoo")
      yield* publish(datasetId, "zoo", zoo)
      const sql = yield* SqlClient.SqlClient
      // As a process sees it that has another embedder since.
      const left = { ...space, id: nowhere, model: "left" }
      yield* sql`insert into spaces (tenant_id, id, descriptor)
        values (${tenantId}, ${nowhere}, ${JSON.stringify(left)}::jsonb)`
      for (const table of ["datasets", "documents", "entries", "payloads", "postings"]) {
        const [from, to] = [space.id, nowhere].map((id) => sql.literal(`index_${id}_${table}`))
        yield* sql`create table ${to!} (like ${from!} including all)`
        yield* sql`insert into ${to!} overriding system value select * from ${from!}`
      }
      yield* sql`update datasets set space_id = ${nowhere} where id = ${datasetId}`
      const hybrid = yield* search({ text: "lion", datasetIds: [datasetId] })
      assert.strictEqual(hybrid.explain.without, "embedder")
      assert.sameMembers(hybrid.hits.map((hit) => hit.text), [zoo[0]!.text, zoo[2]!.text])
      const keyword = yield* search({ text: "lion", mode: "keyword", datasetIds: [datasetId] })
      assert.notProperty(keyword.explain, "without")
      const vector = yield* search({ text: "lion", mode: "vector", datasetIds: [datasetId] })
      assert.deepInclude(vector, { hits: [] })
      assert.strictEqual(vector.explain.without, "embedder")
    }), patience)
})
