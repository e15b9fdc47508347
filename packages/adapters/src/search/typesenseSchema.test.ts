import { assert, it } from "@effect/vitest"
import { Effect, Fiber, Schedule, Schema } from "effect"
import {
  direction,
  entry,
  find,
  idsOf,
  newDataset,
  newTenant,
  sorted,
  space
} from "../../../../test/support/indexEntries.ts"
import { recordId } from "./typesense/fields/hex.ts"
import { send } from "../../../../test/support/typesense/send.ts"
import * as TypesenseDouble from "../../../../test/support/typesense/TypesenseDouble.ts"
import { type IndexEntry, SearchIndex } from "./SearchIndex.ts"
import * as Typesense from "./typesense.ts"
import { lineOf, makeFacts, sourceOf } from "./typesense/fields/record.ts"
import { fieldsOf, schemaVersion } from "./typesense/fields/schema.ts"

type Double = Effect.Success<ReturnType<typeof TypesenseDouble.start>>

const connect = ({ apiKey, url }: Double) =>
  Typesense.layer({
    urls: [url],
    apiKey,
    timeouts: { write: "5 seconds", ready: "400 millis" },
    backOff: { first: "10 millis", longest: "100 millis" }
  })

const alias = `sheaf-${space.id}`
const named = (version: number) => `${alias}-${version}`

const [tenantId, datasetId] = [newTenant(), newDataset()]
const ensure = Effect.flatMap(SearchIndex, (index) => index.ensure(space))

/** A collection of some version with entries in it, as another version of Sheaf would have left it. */
const prepare = Effect.fnUntraced(function*(
  double: Double,
  { entries, fields, version }: {
    readonly entries: ReadonlyArray<IndexEntry>
    readonly fields: ReadonlyArray<object>
    readonly version: number
  }
) {
  const name = named(version)
  yield* send(double, { method: "POST", path: "/collections", body: { name, fields, metadata: { version } } })
  yield* send(double, { method: "PUT", path: `/aliases/${alias}`, body: { collection_name: name } })
  const facts = makeFacts()
  const lines = entries.map((one) => lineOf(sourceOf(tenantId, one), 10, facts))
  const path = `/collections/${name}/documents/import`
  const { text } = yield* send(double, { method: "POST", path, body: lines.join("\n"), query: { action: "upsert" } })
  assert.notInclude(text, "error")
})

const Shown = Schema.fromJsonString(
  Schema.Struct({ fields: Schema.Array(Schema.Struct({ name: Schema.String, type: Schema.String })) })
)
const read = (double: Double, path: string) => Effect.map(send(double, { method: "GET", path }), ({ text }) => text)
const fieldsNow = (double: Double, version: number) =>
  Effect.flatMap(read(double, `/collections/${named(version)}`), Schema.decodeEffect(Shown))
const target = (double: Double) => read(double, `/aliases/${alias}`)

/** Version 0 had its facts in one text and knew no order; nothing that can be added to or changed in place. */
const older = fieldsOf(space).filter(({ name }) => name !== "ranks").map((field) =>
  field.name === "facts" ? { name: "facts", type: "string", optional: true, index: false } : field
)

const manuals = Array.from({ length: 30 }, (_, i) =>
  entry(datasetId, `turbine ${i} ไทย`, {
    vector: i % 3 === 0 ? null : direction(i % 8),
    metadata: { number: i, even: i % 2 === 0 }
  }))

const isWhole = Effect.gen(function*() {
  const all = yield* find(tenantId, [datasetId], { text: "turbine ไทย", vector: direction(2) })
  assert.deepStrictEqual(idsOf(all), sorted(...manuals))
  assert.strictEqual(all.candidates.filter(({ cosine }) => cosine === null).length, 10)
  const filter = { and: [{ field: "number", gte: 10 }, { field: "even", eq: true }] }
  const some = yield* find(tenantId, [datasetId], { text: "turbine", filter })
  assert.deepStrictEqual(idsOf(some), sorted(...manuals.filter((_, i) => i >= 10 && i % 2 === 0)))
})

it.live("adds fields that are missing where old entries can do without them", () =>
  Effect.gen(function*() {
    const double = yield* TypesenseDouble.start()
    const before = fieldsOf(space).filter(({ name }) => name !== "t3" && name !== "fields")
    yield* prepare(double, { entries: manuals, fields: before, version: schemaVersion })
    yield* Effect.forEach([1, 2, 3], () => Effect.provide(ensure, connect(double), { local: true }), {
      concurrency: "unbounded"
    })
    const { fields } = yield* fieldsNow(double, schemaVersion)
    assert.sameMembers(fields.map(({ name }) => name), fieldsOf(space).map(({ name }) => name))
    assert.include(yield* target(double), named(schemaVersion))
  }).pipe(Effect.scoped))

it.live("builds an older collection anew, in several processes at once, and switches to it", () =>
  Effect.gen(function*() {
    const double = yield* TypesenseDouble.start()
    yield* prepare(double, { entries: manuals, fields: older, version: schemaVersion - 1 })
    yield* Effect.forEach([1, 2, 3, 4], () => Effect.provide(ensure, connect(double), { local: true }), {
      concurrency: "unbounded"
    })
    assert.include(yield* target(double), named(schemaVersion))
    assert.include(yield* read(double, `/collections/${named(schemaVersion - 1)}`), "not found")
    yield* Effect.provide(isWhole, connect(double))
  }).pipe(Effect.scoped))

it.live("begins again where a build was cut short, with the older collection serving until then", () =>
  Effect.gen(function*() {
    const double = yield* TypesenseDouble.start()
    yield* prepare(double, { entries: manuals, fields: older, version: schemaVersion - 1 })
    for (const path of [/POST .collections$/, /export/, /import/, /PUT .aliases/, /DELETE .collections/]) {
      double.faults.add({ kind: "cut" }, { path })
      const error = yield* Effect.flip(Effect.provide(ensure, connect(double), { local: true }))
      assert.isTrue(error.isRetryable)
      const words = yield* Effect.provide(find(tenantId, [datasetId], { text: "turbine" }), connect(double))
      assert.strictEqual(words.candidates.length, manuals.length)
      double.faults.clear()
    }
    yield* Effect.provide(Effect.andThen(ensure, isWhole), connect(double))
    assert.include(yield* read(double, `/collections/${named(schemaVersion - 1)}`), "not found")
  }).pipe(Effect.scoped))

/** A build that has copied everything and died before the switch. */
const cutShort = Effect.gen(function*() {
  const double = yield* TypesenseDouble.start()
  yield* prepare(double, { entries: manuals, fields: older, version: schemaVersion - 1 })
  double.faults.add({ kind: "cut" }, { path: /PUT .aliases/ })
  yield* Effect.flip(Effect.provide(ensure, connect(double), { local: true }))
  double.faults.clear()
  return double
})

const remaining = Effect.map(find(tenantId, [datasetId], { text: "turbine" }), idsOf)

it.live("removes for good what is copied already, and counts it until then", () =>
  Effect.gen(function*() {
    const double = yield* cutShort
    const [first, ...others] = manuals
    const scope = { _tag: "Segments", segmentIds: [first!.segmentId] } as const
    yield* Effect.gen(function*() {
      const index = yield* SearchIndex
      assert.strictEqual(yield* index.count(space, tenantId, { _tag: "Dataset", datasetId }), manuals.length)
      assert.strictEqual(yield* index.remove(space, tenantId, scope), 1)
      assert.strictEqual(yield* index.count(space, tenantId, scope), 0)
      yield* ensure
      assert.strictEqual(yield* index.count(space, tenantId, scope), 0)
      assert.deepStrictEqual(yield* remaining, sorted(...others))
    }).pipe(Effect.provide(connect(double), { local: true }))
  }).pipe(Effect.scoped))

it.live("drops copies that processes of the older version have removed, and nothing that is newer", () =>
  Effect.gen(function*() {
    const double = yield* cutShort
    const [first, second, ...others] = manuals
    yield* Effect.forEach([first!, second!], ({ segmentId }) =>
      send(double, {
        method: "DELETE",
        path: `/collections/${named(schemaVersion - 1)}/documents`,
        query: { filter_by: `id:=[${recordId(tenantId, segmentId)}]` }
      }))
    yield* send(double, {
      method: "POST",
      path: `/collections/${named(schemaVersion)}/documents/import`,
      query: { action: "upsert" },
      body: lineOf(sourceOf(tenantId, second!), 10, makeFacts())
    })
    yield* Effect.provide(Effect.andThen(ensure, remaining), connect(double), { local: true }).pipe(
      Effect.map((found) => assert.deepStrictEqual(found, sorted(second!, ...others)))
    )
  }).pipe(Effect.scoped))

it.live("removes for good what is being copied", () =>
  Effect.gen(function*() {
    const double = yield* TypesenseDouble.start()
    yield* prepare(double, { entries: manuals, fields: older, version: schemaVersion - 1 })
    const [first, ...others] = manuals
    const scope = { _tag: "Segments", segmentIds: [first!.segmentId] } as const
    double.faults.add({ kind: "slow", millis: 500 }, { path: /import/, times: 1 })
    const imports = () => double.requests.filter(({ url }) => url.includes("action=create")).length
    yield* Effect.gen(function*() {
      const index = yield* SearchIndex
      const building = yield* Effect.forkChild(ensure)
      yield* Effect.sync(imports).pipe(
        Effect.repeat({ schedule: Schedule.spaced("5 millis"), while: (sent) => sent === 0 })
      )
      assert.strictEqual(yield* index.remove(space, tenantId, scope), 1)
      yield* Fiber.join(building)
      assert.deepStrictEqual(yield* remaining, sorted(...others))
      assert.strictEqual(yield* index.count(space, tenantId, scope), 0)
    }).pipe(Effect.provide(connect(double), { local: true }))
  }).pipe(Effect.scoped))

it.live("keeps what was written to the newer collection while the older one is copied", () =>
  Effect.gen(function*() {
    const double = yield* TypesenseDouble.start()
    yield* prepare(double, { entries: manuals, fields: fieldsOf(space), version: schemaVersion })
    const [first] = manuals
    const changed = { ...first!, ...entry(datasetId, "boiler"), segmentId: first!.segmentId }
    yield* Effect.provide(
      Effect.flatMap(SearchIndex, (index) => index.upsert(space, tenantId, [changed])),
      connect(double)
    )
    yield* prepare(double, { entries: manuals, fields: older, version: schemaVersion - 1 })
    yield* Effect.gen(function*() {
      yield* ensure
      assert.deepStrictEqual(idsOf(yield* find(tenantId, [datasetId], { text: "boiler" })), sorted(first!))
      assert.deepStrictEqual(
        (yield* find(tenantId, [datasetId], { text: "turbine" })).statistics.documentFrequencies,
        [manuals.length - 1]
      )
    }).pipe(Effect.provide(connect(double)))
  }).pipe(Effect.scoped))

it.live("leaves a newer collection alone, and finds out when its own was replaced", () =>
  Effect.gen(function*() {
    const double = yield* TypesenseDouble.start()
    yield* Effect.gen(function*() {
      const index = yield* SearchIndex
      yield* index.upsert(space, tenantId, manuals)
      yield* prepare(double, { entries: manuals, fields: fieldsOf(space), version: schemaVersion + 1 })
      yield* send(double, { method: "DELETE", path: `/collections/${named(schemaVersion)}` })
      for (
        const failed of [
          index.upsert(space, tenantId, manuals),
          index.count(space, tenantId, { _tag: "Dataset", datasetId }),
          find(tenantId, [datasetId], { text: "turbine" }),
          ensure
        ]
      ) {
        const error = yield* Effect.flip(Effect.asVoid(failed))
        assert.isTrue(error.isRetryable)
        assert.match(String(error.cause), /newer version/)
      }
    }).pipe(Effect.provide(connect(double)))
  }).pipe(Effect.scoped))

it.live("begins anew on a server that has lost everything", () =>
  Effect.gen(function*() {
    const double = yield* TypesenseDouble.start()
    yield* Effect.gen(function*() {
      const index = yield* SearchIndex
      yield* index.upsert(space, tenantId, manuals)
      yield* send(double, { method: "DELETE", path: `/collections/${alias}` })
      assert.strictEqual(yield* index.count(space, tenantId, { _tag: "Dataset", datasetId }), 0)
      assert.deepStrictEqual((yield* find(tenantId, [datasetId], { text: "turbine" })).candidates, [])
      yield* index.upsert(space, tenantId, manuals)
      yield* isWhole
    }).pipe(Effect.provide(connect(double)))
  }).pipe(Effect.scoped))

it.live("refuses a collection whose fields somebody else has changed", () =>
  Effect.gen(function*() {
    const double = yield* TypesenseDouble.start()
    yield* prepare(double, { entries: [], fields: older, version: schemaVersion })
    const error = yield* Effect.flip(Effect.provide(ensure, connect(double)))
    assert.isFalse(error.isRetryable)
    assert.match(String(error.cause), /changed by somebody else/)
  }).pipe(Effect.scoped))
