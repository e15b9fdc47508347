import { assert, it } from "@effect/vitest"
import { Effect, Exit, Fiber, Layer, Redacted, Schedule, Scope } from "effect"
import { cpSync } from "node:fs"
import { freePort } from "../../../../test/support/freePort.ts"
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
import { temporaryFolder } from "../../../../test/support/temporaryFolder.ts"
import type { Fault } from "../../../../test/support/typesense/Faults.ts"
import * as TypesenseDouble from "../../../../test/support/typesense/TypesenseDouble.ts"
import { SearchIndex, type SearchIndexError } from "./SearchIndex.ts"
import * as Typesense from "./typesense.ts"

type Double = Effect.Success<ReturnType<typeof TypesenseDouble.start>>

const quick = {
  timeouts: { search: "500 millis", write: "500 millis", ready: "400 millis" },
  backOff: { first: "10 millis", longest: "400 millis" }
} as const

const connect = ({ apiKey, url }: Double, more: Partial<Typesense.Options> = {}) =>
  Typesense.layer({ urls: [url], apiKey, ...quick, ...more })

/** Runs with an index on a double of its own. */
const withDouble = <A, E>(
  use: (double: Double) => Effect.Effect<A, E, SearchIndex>,
  more?: Partial<Typesense.Options>
) =>
  Effect.scoped(Effect.flatMap(TypesenseDouble.start(), (double) => Effect.provide(use(double), connect(double, more))))

const upsertFails = (error: SearchIndexError, isRetryable: boolean, message: RegExp) => {
  assert.strictEqual(error.isRetryable, isRetryable)
  assert.match(String(error.cause), message)
}

const hiccups: ReadonlyArray<Fault> = [
  { kind: "behind" },
  { kind: "cut" },
  { kind: "half" },
  { kind: "silent" },
  { kind: "lines" },
  { kind: "slow", millis: 100 }
]

for (const fault of hiccups) {
  it.live(`writes each entry once through a fault of the server: ${fault.kind}`, () =>
    withDouble((double) =>
      Effect.gen(function*() {
        const index = yield* SearchIndex
        const [tenantId, datasetId] = [newTenant(), newDataset()]
        const entries = Array.from({ length: 9 }, (_, i) => entry(datasetId, `turbine ${i}`))
        yield* index.ensure(space)
        double.faults.add(fault, { path: /import/, times: 2 })
        yield* index.upsert(space, tenantId, entries)
        assert.deepStrictEqual(idsOf(yield* find(tenantId, [datasetId], { text: "turbine" })), sorted(...entries))
        if (fault.kind !== "lines") return
        const sent = double.requests.filter(({ url }) => url.includes("/import")).map(({ body }) =>
          body.split("\n").length
        )
        assert.deepStrictEqual(sent, [9, 4, 2], "only the lines that failed are sent again")
      }), { backOff: { first: "10 millis", longest: "2 seconds" } }))
}

it.live("gives up after a while, and says that it may be tried again", () =>
  withDouble((double) =>
    Effect.gen(function*() {
      const index = yield* SearchIndex
      const [tenantId, datasetId] = [newTenant(), newDataset()]
      const one = entry(datasetId, "turbine")
      yield* index.upsert(space, tenantId, [one])
      for (
        const [fault, message] of [["behind", /Lagging/], ["full", /OUT_OF_DISK/], ["cut", /no answer/], [
          "half",
          /not understood|no answer/
        ], ["silent", /no answer/]] as const
      ) {
        double.faults.add({ kind: fault })
        upsertFails(yield* Effect.flip(index.upsert(space, tenantId, [one])), true, message)
        const dataset = { _tag: "Dataset", datasetId } as const
        if (fault !== "full") {
          assert.isTrue((yield* Effect.flip(index.count(space, tenantId, dataset))).isRetryable)
          assert.isTrue((yield* Effect.flip(find(tenantId, [datasetId], { text: "turbine" }))).isRetryable)
        }
        assert.isTrue((yield* Effect.flip(index.remove(space, tenantId, dataset))).isRetryable)
        double.faults.clear()
      }
      assert.deepStrictEqual(idsOf(yield* find(tenantId, [datasetId], { text: "turbine" })), sorted(one))
    })
  ))

it.live("refuses vectors that are none, and says that it makes no sense to try again", () =>
  withDouble(() =>
    Effect.gen(function*() {
      const index = yield* SearchIndex
      const [tenantId, datasetId] = [newTenant(), newDataset()]
      yield* index.upsert(space, tenantId, [entry(datasetId, "turbine")])
      for (
        const vector of [new Float32Array(0), new Float32Array(7).fill(1), new Float32Array(8), direction(0).fill(NaN)]
      ) {
        upsertFails(
          yield* Effect.flip(index.upsert(space, tenantId, [entry(datasetId, "turbine", { vector })])),
          false,
          /not a vector/
        )
        assert.isFalse((yield* Effect.flip(find(tenantId, [datasetId], { vector }))).isRetryable)
      }
    })
  ))

/** A server with one entry, and what another node of the same cluster would have on its disk. */
const twoOfACluster = Effect.gen(function*() {
  const data = yield* temporaryFolder("typesense")
  const first = yield* TypesenseDouble.start({ data: `${data}/first` })
  const [tenantId, datasetId] = [newTenant(), newDataset()]
  const one = entry(datasetId, "turbine")
  const write = Effect.flatMap(SearchIndex, (index) => index.upsert(space, tenantId, [one]))
  yield* Effect.provide(write, connect(first))
  const copy = `${data}/second`
  cpSync(`${data}/first`, copy, { recursive: true })
  return { copy, first, one, found: find(tenantId, [datasetId], { text: "turbine" }) }
})

it.live("ends a search that is never answered, and asks the next server", () =>
  Effect.gen(function*() {
    const { copy, first, found, one } = yield* twoOfACluster
    const second = yield* TypesenseDouble.start({ data: copy })
    first.faults.add({ kind: "silent" }, { path: /multi_search/ })
    const urls = [first.url, second.url]
    assert.deepStrictEqual(idsOf(yield* Effect.provide(found, connect(first, { urls }))), sorted(one))
    first.faults.add({ kind: "cut" })
    assert.deepStrictEqual(idsOf(yield* Effect.provide(found, connect(first, { urls }))), sorted(one))
  }).pipe(Effect.scoped))

for (const many of [1, 2, 8]) {
  it.live(`goes on with the other server where one goes down under ${many} searches`, () =>
    Effect.gen(function*() {
      const { copy, first, found, one } = yield* twoOfACluster
      const second = yield* TypesenseDouble.start({ data: copy })
      yield* Effect.gen(function*() {
        yield* found
        first.faults.add({ kind: "cut" })
        const all = yield* Effect.all(Array.from({ length: many }, () => found), { concurrency: "unbounded" })
        assert.deepStrictEqual(all.map(idsOf), all.map(() => sorted(one)))
      }).pipe(Effect.provide(connect(first, { urls: [first.url, second.url] })))
    }).pipe(Effect.scoped))
}

it.live("asks another server only when that has read its log again, however many searches are under way", () =>
  Effect.gen(function*() {
    const { copy, first, found, one } = yield* twoOfACluster
    const port = yield* freePort
    yield* Effect.gen(function*() {
      yield* found
      yield* TypesenseDouble.start({ data: copy, port, replayMillis: 150 })
      // It has come to where there is something to search in, but nothing to find.
      const aliases = Effect.promise(async () => {
        const headers = { "x-typesense-api-key": "double" }
        return (await fetch(`http://127.0.0.1:${port}/aliases`, { headers })).text()
      })
      yield* Effect.repeat(aliases, {
        until: (text) => text.includes("collection_name"),
        schedule: Schedule.spaced(20)
      })
      first.faults.add({ kind: "cut" })
      const all = yield* Effect.all(Array.from({ length: 8 }, () => found), { concurrency: "unbounded" })
      assert.deepStrictEqual(all.map(idsOf), all.map(() => sorted(one)))
    }).pipe(
      Effect.provide(connect(first, {
        urls: [first.url, new URL(`http://127.0.0.1:${port}`)],
        timeouts: { ready: "10 seconds" }
      }))
    )
  }).pipe(Effect.scoped))

it.live("says at the start that nobody answers, or that the key is wrong; the key is never shown", () =>
  Effect.gen(function*() {
    const double = yield* TypesenseDouble.start()
    const build = (more: Partial<Typesense.Options>) => Effect.flip(Effect.scoped(Layer.build(connect(double, more))))
    const wrong = yield* build({ apiKey: Redacted.make("not-this-key") })
    assert.match(String(wrong.cause), /valid `x-typesense-api-key`/)
    const nobody = yield* build({ urls: [new URL("http://127.0.0.1:9")], apiKey: Redacted.make("not-this-key") })
    assert.isTrue(nobody.isRetryable)
    double.faults.add({ kind: "cut" })
    const cut = yield* build({ apiKey: Redacted.make("not-this-key") })
    // Refused by the HTTP libraries, which quote it.
    const broken = yield* build({ apiKey: Redacted.make("not-this-key\nat all") })
    assert.match(String(broken.cause), /no answer/)
    for (const error of [wrong, nobody, cut, broken]) {
      assert.notInclude(JSON.stringify(error) + String(error.cause) + JSON.stringify(error.cause), "not-this-key")
    }
  }).pipe(Effect.scoped))

it.live("proves nothing by a server that reads its log again: it waits, or fails", () =>
  Effect.gen(function*() {
    const data = yield* temporaryFolder("typesense")
    const [tenantId, datasetId] = [newTenant(), newDataset()]
    const scope = { _tag: "Dataset", datasetId } as const
    const count = Effect.flatMap(SearchIndex, (index) => index.count(space, tenantId, scope))
    yield* Effect.scoped(Effect.gen(function*() {
      const double = yield* TypesenseDouble.start({ data })
      yield* Effect.gen(function*() {
        const index = yield* SearchIndex
        for (const i of [1, 2, 3]) yield* index.upsert(space, tenantId, [entry(datasetId, `turbine ${i}`)])
      }).pipe(Effect.provide(connect(double)))
    }))
    yield* Effect.scoped(Effect.gen(function*() {
      const double = yield* TypesenseDouble.start({ data, replayMillis: 100 })
      const patient = { timeouts: { ready: "10 seconds" } } as const
      assert.strictEqual(yield* Effect.provide(count, connect(double, patient)), 3)
    }))
    yield* Effect.scoped(Effect.gen(function*() {
      const double = yield* TypesenseDouble.start({ data, replayMillis: 1_000 })
      const error = yield* Effect.flip(Effect.scoped(Layer.build(connect(double))))
      assert.match(String(error.cause), /not ready/)
    }))
  }).pipe(Effect.scoped))

it.live("counts, removes and finds on a server that always has writes in its queue", () =>
  withDouble((double) =>
    Effect.gen(function*() {
      const index = yield* SearchIndex
      const [tenantId, datasetId] = [newTenant(), newDataset()]
      const dataset = { _tag: "Dataset", datasetId } as const
      const [one, two] = [entry(datasetId, "turbine one"), entry(datasetId, "turbine two")]
      yield* index.upsert(space, tenantId, [one, two])
      double.faults.add({ kind: "busy" }, { path: /status/ })
      assert.strictEqual(yield* index.count(space, tenantId, dataset), 2)
      const search = find(tenantId, [datasetId], { text: "turbine" })
      assert.deepStrictEqual(idsOf(yield* search), sorted(one, two))
      double.faults.clear()
      double.faults.add({ kind: "cut" }, { path: /multi_search/, times: 1 })
      double.faults.add({ kind: "busy" }, { path: /status/ })
      assert.isTrue((yield* Effect.flip(search)).isRetryable)
      // One wait is enough for all that come later.
      assert.deepStrictEqual(idsOf(yield* search), sorted(one, two))
      const before = double.requests.length
      assert.deepStrictEqual(idsOf(yield* search), sorted(one, two))
      assert.isBelow(double.requests.length - before, 4)
      assert.strictEqual(yield* index.remove(space, tenantId, dataset), 2)
      assert.strictEqual(yield* index.count(space, tenantId, dataset), 0)
    })
  ))

it.live("counts what a server knows that reads its log again, which is asked for before it has", () =>
  Effect.gen(function*() {
    const data = yield* temporaryFolder("typesense")
    const [tenantId, datasetId] = [newTenant(), newDataset()]
    const dataset = { _tag: "Dataset", datasetId } as const
    const port = yield* freePort
    const firstLife = yield* Scope.make()
    const first = yield* TypesenseDouble.start({ data, port }).pipe(Scope.provide(firstLife))
    yield* Effect.gen(function*() {
      const index = yield* SearchIndex
      for (const i of [1, 2, 3]) yield* index.upsert(space, tenantId, [entry(datasetId, `turbine ${i}`)])
      yield* Scope.close(firstLife, Exit.void)
      yield* TypesenseDouble.start({ data, port, replayMillis: 50 })
      assert.strictEqual(yield* index.count(space, tenantId, dataset), 3)
      assert.strictEqual(yield* index.remove(space, tenantId, dataset), 3)
    }).pipe(Effect.provide(connect(first, { timeouts: {} })))
  }).pipe(Effect.scoped))

it.live("asks everything of a search in one request, and nothing of it in the query string", () =>
  withDouble((double) =>
    Effect.gen(function*() {
      const index = yield* SearchIndex
      const [tenantId, datasetId] = [newTenant(), newDataset()]
      yield* index.upsert(space, tenantId, [entry(datasetId, "turbine blade")])
      const asked = Effect.fnUntraced(function*(query: Parameters<typeof find>[2]) {
        const before = double.requests.length
        yield* find(tenantId, [datasetId], query)
        return double.requests.slice(before).map(({ method, url }) => `${method} ${url}`)
      })
      const once = ["POST /multi_search"]
      const filter = { field: "a", eq: 1 }
      assert.deepStrictEqual(yield* asked({ text: "turbine blade wing", filter, limit: 400 }), once)
      assert.deepStrictEqual(yield* asked({ vector: direction(0), filter, limit: 400 }), once)
      // The nearest segments bring their cosines; only those that words alone have found need another look.
      assert.deepStrictEqual(yield* asked({ text: "turbine", vector: direction(0) }), once)
    })
  ))

it.live("searches by the rarest words of a long question, and scores by all of them", () =>
  withDouble(() =>
    Effect.gen(function*() {
      const index = yield* SearchIndex
      const [tenantId, datasetId] = [newTenant(), newDataset()]
      const words = Array.from({ length: 60 }, (_, i) => `word${i}`)
      const texts = [words.join(" "), ...words.slice(0, 30).map((word) => `${word} common`)]
      const entries = texts.map((text) => entry(datasetId, text))
      yield* index.upsert(space, tenantId, entries)
      const found = yield* find(tenantId, [datasetId], { text: `${words.join(" ")} common` })
      assert.isFalse(found.exhausted)
      assert.deepStrictEqual(found.statistics.documentFrequencies, [
        ...words.map((_, i) => i < 30 ? 2 : 1),
        30
      ])
      const whole = found.candidates.find(({ segmentId }) => segmentId === entries[0]!.segmentId)!
      assert.deepStrictEqual(whole.frequencies, [...words.map(() => 1), 0])
    })
  ))

it.live("finds more than a page of hits, exactly as many as are wanted", () =>
  withDouble(() =>
    Effect.gen(function*() {
      const index = yield* SearchIndex
      const [tenantId, datasetId] = [newTenant(), newDataset()]
      const entries = Array.from({ length: 450 }, (_, i) => entry(datasetId, `turbine ${i}`))
      yield* index.upsert(space, tenantId, entries)
      const byWord = yield* find(tenantId, [datasetId], { text: "turbine", limit: 400 })
      assert.strictEqual(byWord.candidates.length, 400)
      assert.isFalse(byWord.exhausted)
      const near = yield* find(tenantId, [datasetId], { vector: direction(0), limit: 400 })
      assert.strictEqual(near.candidates.length, 400)
      const all = yield* find(tenantId, [datasetId], { text: "turbine", vector: direction(0), limit: 500 })
      assert.strictEqual(all.candidates.length, 450)
      assert.isTrue(all.exhausted)
    }), { timeouts: {} }))

it.live("gives segments that were written earlier what their document says now", () =>
  withDouble(() =>
    Effect.gen(function*() {
      const index = yield* SearchIndex
      const [tenantId, datasetId] = [newTenant(), newDataset()]
      const one = entry(datasetId, "turbine one", { metadata: { state: "draft", rank: 3 } })
      const two = entry(datasetId, "turbine two", { documentId: one.documentId, metadata: { state: "draft", rank: 3 } })
      yield* index.upsert(space, tenantId, [one, two])
      yield* index.upsert(space, tenantId, [{ ...two, document: { ...two.document, metadata: { state: "final" } } }])
      const now = yield* find(tenantId, [datasetId], { text: "turbine", filter: { field: "state", eq: "final" } })
      assert.deepStrictEqual(idsOf(now), sorted(one, two))
      const before = yield* find(tenantId, [datasetId], { text: "turbine", filter: { field: "rank", gte: 1 } })
      assert.deepStrictEqual(before.candidates, [])
    })
  ))

it.live("ends its requests when its caller is interrupted", () =>
  withDouble((double) =>
    Effect.gen(function*() {
      const [tenantId, datasetId] = [newTenant(), newDataset()]
      yield* (yield* SearchIndex).upsert(space, tenantId, [entry(datasetId, "turbine")])
      double.faults.add({ kind: "silent" }, { path: /multi_search/ })
      const fiber = yield* Effect.forkChild(find(tenantId, [datasetId], { text: "turbine" }), {
        startImmediately: true
      })
      yield* Fiber.interrupt(fiber)
    }), { timeouts: { search: "1 hour" } }))
