import { rank } from "@sheaf/adapters/search/ranking"
import { type IndexEntry, SearchIndex } from "@sheaf/adapters/search/SearchIndex"
import { analyze } from "@sheaf/adapters/text/analyzer"
import { DocumentId, SegmentId } from "@sheaf/domain/ids"
import { assert, it } from "@effect/vitest"
import { Effect, type Layer } from "effect"
import * as fc from "fast-check"
import { randomUUID } from "node:crypto"
import {
  cosine,
  direction,
  entry,
  find,
  idsOf,
  newDataset,
  newTenant,
  sorted,
  space,
  spaceNamed
} from "../support/indexEntries.ts"

/** What every search index promises; run it over each implementation, with searchIndexFilters.ts. Tests use tenants of their own. */
export const suite = <E>(name: string, layer: Layer.Layer<SearchIndex, E>) =>
  it.layer(layer, { timeout: "120 seconds", excludeTestServices: true })(`SearchIndex: ${name}`, (it) => {
    it.effect("finds by words, with their frequencies, the length and the statistics that BM25 needs", () =>
      Effect.gen(function*() {
        const index = yield* SearchIndex
        const [tenantId, datasetId] = [newTenant(), newDataset()]
        const twice = entry(datasetId, "The turbine drives a second turbine.")
        const once = entry(datasetId, "Inspect the turbine every month.")
        const never = entry(datasetId, "Apple pie with cinnamon.")
        yield* index.upsert(space, tenantId, [twice, once, never])
        const found = yield* find(tenantId, [datasetId], { text: "turbines inspection zebra" })
        assert.deepStrictEqual(idsOf(found), sorted(twice, once))
        const of = (wanted: IndexEntry) => found.candidates.find(({ segmentId }) => segmentId === wanted.segmentId)!
        assert.deepStrictEqual(of(twice).frequencies, [2, 0, 0])
        assert.deepStrictEqual(of(once).frequencies, [1, 1, 0])
        assert.strictEqual(of(twice).length, twice.length)
        assert.isNull(of(twice).cosine)
        assert.strictEqual(found.statistics.segments, 3)
        assert.approximately(found.statistics.averageLength, (twice.length + once.length + never.length) / 3, 1e-9)
        assert.deepStrictEqual(found.statistics.documentFrequencies, [2, 1, 0])
        assert.isTrue(found.exhausted)
      }))

    it.effect("gives the cosine of candidates that only their words found, and null without a vector", () =>
      Effect.gen(function*() {
        const index = yield* SearchIndex
        const [tenantId, datasetId] = [newTenant(), newDataset()]
        const far = entry(datasetId, "turbine", { vector: direction(3, 0.5) })
        const bare = entry(datasetId, "turbine blades", { vector: null })
        const near = Array.from({ length: 20 }, () => entry(datasetId, "pie", { vector: direction(0) }))
        yield* index.upsert(space, tenantId, [far, bare, ...near])
        const found = yield* find(tenantId, [datasetId], { text: "turbine", vector: direction(0, 0.1), limit: 3 })
        const of = (wanted: IndexEntry) => found.candidates.find(({ segmentId }) => segmentId === wanted.segmentId)
        assert.approximately(of(far)!.cosine!, cosine(far.vector!, direction(0, 0.1)), 2e-3)
        assert.isNull(of(bare)!.cosine)
      }))

    it.effect("finds the nearest vectors, with no words at all", () =>
      Effect.gen(function*() {
        const index = yield* SearchIndex
        const [tenantId, datasetId] = [newTenant(), newDataset()]
        const entries = Array.from({ length: 8 }, (_, axis) =>
          entry(datasetId, `text ${axis}`, { vector: direction(axis) }))
        yield* index.upsert(space, tenantId, entries)
        const found = yield* find(tenantId, [datasetId], { vector: direction(5, 0.2), limit: 10 })
        const [best] = [...found.candidates].sort((a, b) =>
          b.cosine! - a.cosine!
        )
        assert.strictEqual(best!.segmentId, entries[5]!.segmentId)
        assert.deepStrictEqual(best!.frequencies, [])
        assert.isTrue(found.exhausted)
      }))

    it.effect("answers nothing, exhausted, for no words and no vector, for an unknown dataset and for a space without entries", () =>
      Effect.gen(function*() {
        const index = yield* SearchIndex
        const [tenantId, datasetId] = [newTenant(), newDataset()]
        yield* index.upsert(space, tenantId, [entry(datasetId, "turbine")])
        for (
          const found of [
            yield* find(tenantId, [datasetId], {}),
            yield* find(tenantId, [newDataset()], { text: "turbine", vector: direction(0) }),
            yield* find(tenantId, [], { text: "turbine" }),
            yield* index.candidates(spaceNamed(randomUUID()), {
              tenantId,
              datasetIds: [datasetId],
              filter: undefined,
              terms: ["turbin"],
              vector: undefined,
              limit: 10
            })
          ]
        ) {
          assert.deepStrictEqual(found.candidates, [])
          assert.isTrue(found.exhausted)
        }
      }))

    it.effect("replaces an entry whole: words, vector, dataset", () =>
      Effect.gen(function*() {
        const index = yield* SearchIndex
        const [tenantId, datasetId, other] = [newTenant(), newDataset(), newDataset()]
        const before = entry(datasetId, "The old turbine", { vector: direction(1) })
        yield* index.upsert(space, tenantId, [before, entry(datasetId, "an old pump")])
        const after = { ...entry(datasetId, "A new boiler", { vector: direction(2) }), segmentId: before.segmentId }
        yield* index.upsert(space, tenantId, [after])
        yield* index.upsert(space, tenantId, [after])
        assert.deepStrictEqual(idsOf(yield* find(tenantId, [datasetId], { text: "turbine" })), [])
        const found = yield* find(tenantId, [datasetId], { text: "boiler old", vector: direction(2) })
        assert.deepStrictEqual(found.statistics.documentFrequencies, [1, 1])
        assert.strictEqual(found.statistics.segments, 2)
        assert.approximately(found.candidates.find((c) => c.segmentId === before.segmentId)!.cosine!, 1, 2e-3)
        yield* index.upsert(space, tenantId, [{ ...after, datasetId: other, vector: null }])
        assert.strictEqual((yield* find(tenantId, [datasetId], { text: "old" })).statistics.segments, 1)
        const moved = yield* find(tenantId, [other], { text: "boiler", vector: direction(2) })
        assert.deepStrictEqual(moved.candidates.map(({ cosine }) => cosine), [null])
        assert.strictEqual(yield* index.count(space, tenantId, { _tag: "Segments", segmentIds: [before.segmentId] }), 1)
      }))

    it.effect("gives an entry the vector that comes later", () =>
      Effect.gen(function*() {
        const index = yield* SearchIndex
        const [tenantId, datasetId] = [newTenant(), newDataset()]
        const bare = entry(datasetId, "turbine", { vector: null })
        yield* index.upsert(space, tenantId, [bare])
        yield* index.upsert(space, tenantId, [{ ...bare, vector: direction(4) }])
        const found = yield* find(tenantId, [datasetId], { vector: direction(4) })
        assert.approximately(found.candidates[0]!.cosine!, 1, 2e-3)
      }))

    it.effect("takes an entry that comes twice in one call once", () =>
      Effect.gen(function*() {
        const index = yield* SearchIndex
        const [tenantId, datasetId] = [newTenant(), newDataset()]
        const first = entry(datasetId, "turbine")
        yield* index.upsert(space, tenantId, [first, { ...entry(datasetId, "boiler"), segmentId: first.segmentId }])
        assert.strictEqual((yield* find(tenantId, [datasetId], { text: "boiler" })).statistics.segments, 1)
      }))

    it.effect("scans all entries of a tenant in pages, and none of another; says which segments have one", () =>
      Effect.gen(function*() {
        const index = yield* SearchIndex
        const [tenantId, other, datasetId] = [newTenant(), newTenant(), newDataset()]
        const second = newDataset()
        // Many of the same length, and some of others.
        const mine = [
          ...Array.from({ length: 23 }, () => entry(datasetId, "turbine pump")),
          ...Array.from({ length: 9 }, (_, i) => entry(second, "turbine ".repeat(1 + i)))
        ]
        const foreign = entry(newDataset(), "turbine pump")
        yield* index.upsert(space, tenantId, mine)
        yield* index.upsert(space, other, [foreign])
        const seen = new Map<string, object>()
        let after: string | undefined
        do {
          const { entries, next } = yield* index.scan(space, tenantId, { limit: 5, after })
          assert.isAtMost(entries.length, 5)
          for (const found of entries) seen.set(found.segmentId, found)
          // What was written since the last page does not hide what was there before.
          yield* index.upsert(space, tenantId, [mine[0]!])
          after = next
        } while (after !== undefined)
        assert.deepStrictEqual(
          seen,
          new Map(mine.map(({ datasetId, documentId, segmentId }) => [segmentId, { datasetId, documentId, segmentId }]))
        )
        const absent = SegmentId.make(randomUUID())
        const asked = [mine[3]!.segmentId, absent, foreign.segmentId]
        assert.deepStrictEqual([...(yield* index.present(space, tenantId, asked))], [mine[3]!.segmentId])
        assert.strictEqual((yield* index.present(space, tenantId, [])).size, 0)
        const nowhere = spaceNamed(randomUUID())
        assert.deepStrictEqual(yield* index.scan(nowhere, tenantId, { limit: 5 }), { entries: [], next: undefined })
        assert.strictEqual((yield* index.present(nowhere, tenantId, asked)).size, 0)
        assert.strictEqual((yield* index.vectors(nowhere, tenantId, asked)).size, 0)
        const bare = { ...mine[4]!, vector: null }
        yield* index.upsert(space, tenantId, [bare])
        const vectors = yield* index.vectors(space, tenantId, [...asked, bare.segmentId])
        assert.sameMembers([...vectors.keys()], [mine[3]!.segmentId, bare.segmentId])
        assert.isNull(vectors.get(bare.segmentId))
        const given = mine[3]!.vector!
        const scale = Math.hypot(...given)
        vectors.get(mine[3]!.segmentId)!.forEach((value, at) => assert.closeTo(value, given[at]! / scale, 0.002))

        assert.strictEqual(yield* index.count(space, tenantId, { _tag: "Tenant" }), 32)
        assert.strictEqual(yield* index.remove(space, tenantId, { _tag: "Tenant" }), 32)
        assert.strictEqual(yield* index.count(space, tenantId, { _tag: "Tenant" }), 0)
        assert.strictEqual(yield* index.count(space, other, { _tag: "Tenant" }), 1)
      }))

    it.effect("removes by segments, document and dataset, and proves it by count", () =>
      Effect.gen(function*() {
        const index = yield* SearchIndex
        const [tenantId, datasetId, other] = [newTenant(), newDataset(), newDataset()]
        const documentId = DocumentId.make(randomUUID())
        const one = entry(datasetId, "turbine one")
        const ofDocument = Array.from({ length: 150 }, (_, i) => entry(datasetId, `turbine ${i}`, { documentId }))
        const kept = entry(other, "turbine kept")
        yield* index.upsert(space, tenantId, [one, ...ofDocument, kept])

        const segments = { _tag: "Segments", segmentIds: [one.segmentId, SegmentId.make(randomUUID())] } as const
        assert.strictEqual(yield* index.remove(space, tenantId, segments), 1)
        assert.strictEqual(yield* index.remove(space, tenantId, segments), 0)
        assert.strictEqual((yield* find(tenantId, [datasetId], { text: "one" })).statistics.documentFrequencies[0], 0)

        const document = { _tag: "Document", documentId } as const
        assert.strictEqual(yield* index.count(space, tenantId, document), 150)
        const some = {
          _tag: "Segments",
          segmentIds: ofDocument.slice(0, 30).map(({ segmentId }) => segmentId)
        } as const
        assert.strictEqual(yield* index.remove(space, tenantId, some), 30)
        assert.deepStrictEqual(
          (yield* find(tenantId, [datasetId], { text: "turbine" })).statistics.documentFrequencies,
          [120]
        )
        assert.strictEqual(yield* index.remove(space, tenantId, document), 120)
        assert.strictEqual(yield* index.count(space, tenantId, document), 0)

        yield* index.upsert(space, tenantId, ofDocument)
        const dataset = { _tag: "Dataset", datasetId } as const
        assert.strictEqual(yield* index.remove(space, tenantId, dataset), 150)
        assert.strictEqual(yield* index.count(space, tenantId, dataset), 0)
        assert.strictEqual(yield* index.remove(space, tenantId, dataset), 0)
        const found = yield* find(tenantId, [datasetId, other], { text: "turbine" })
        assert.deepStrictEqual(idsOf(found), sorted(kept))
        assert.deepStrictEqual(found.statistics.documentFrequencies, [1])
        yield* index.upsert(space, tenantId, [one])
        assert.deepStrictEqual(idsOf(yield* find(tenantId, [datasetId], { text: "turbine" })), sorted(one))
      }))

    it.effect("keeps tenants apart, even where all their ids are equal", () =>
      Effect.gen(function*() {
        const index = yield* SearchIndex
        const [mine, theirs, datasetId] = [newTenant(), newTenant(), newDataset()]
        const shared = entry(datasetId, "my secret turbine", { vector: direction(1) })
        const { length, terms } = analyze("their public boiler")
        yield* index.upsert(space, mine, [shared])
        yield* index.upsert(space, theirs, [{ ...shared, terms, length, vector: direction(2) }])
        assert.deepStrictEqual(idsOf(yield* find(theirs, [datasetId], { text: "secret turbine" })), [])
        assert.deepStrictEqual((yield* find(theirs, [datasetId], { text: "turbine" })).statistics.documentFrequencies, [
          0
        ])
        const near = yield* find(theirs, [datasetId], { vector: direction(1) })
        assert.isBelow(near.candidates[0]!.cosine!, 0.5)
        assert.strictEqual(yield* index.remove(space, theirs, { _tag: "Document", documentId: shared.documentId }), 1)
        for (
          const scope of [
            { _tag: "Segments", segmentIds: [shared.segmentId] },
            { _tag: "Document", documentId: shared.documentId },
            { _tag: "Dataset", datasetId }
          ] as const
        ) {
          assert.strictEqual(yield* index.count(space, mine, scope), 1)
          assert.strictEqual(yield* index.count(space, newTenant(), scope), 0)
          assert.strictEqual(yield* index.remove(space, newTenant(), scope), 0)
        }
        assert.deepStrictEqual(idsOf(yield* find(mine, [datasetId], { text: "turbine" })), sorted(shared))
      }))

    it.effect("searches the named datasets only, with their own statistics", () =>
      Effect.gen(function*() {
        const index = yield* SearchIndex
        const [tenantId, a, b, c] = [newTenant(), newDataset(), newDataset(), newDataset()]
        const [inA, inB, inC] = [entry(a, "turbine a"), entry(b, "turbine b"), entry(c, "turbine c")]
        yield* index.upsert(space, tenantId, [inA, inB, inC])
        const found = yield* find(tenantId, [a, b], { text: "turbine", vector: direction(0) })
        assert.deepStrictEqual(idsOf(found), sorted(inA, inB))
        assert.strictEqual(found.statistics.segments, 2)
        assert.deepStrictEqual(found.statistics.documentFrequencies, [2])
      }))

    it.effect("keeps spaces apart", () =>
      Effect.gen(function*() {
        const index = yield* SearchIndex
        const other = spaceNamed("other", 4)
        yield* Effect.all([index.ensure(other), index.ensure(other), index.ensure(space)], { concurrency: "unbounded" })
        const [tenantId, datasetId] = [newTenant(), newDataset()]
        const one = entry(datasetId, "turbine", { vector: Float32Array.of(0, 1, 0, 0) })
        yield* index.upsert(other, tenantId, [one])
        assert.deepStrictEqual(idsOf(yield* find(tenantId, [datasetId], { text: "turbine" })), [])
        assert.strictEqual(yield* index.count(space, tenantId, { _tag: "Dataset", datasetId }), 0)
        assert.strictEqual(yield* index.count(other, tenantId, { _tag: "Dataset", datasetId }), 1)
        assert.strictEqual(yield* index.remove(space, tenantId, { _tag: "Dataset", datasetId }), 0)
        const found = yield* index.candidates(other, {
          tenantId,
          datasetIds: [datasetId],
          filter: undefined,
          terms: ["turbin"],
          vector: Float32Array.of(0, 2, 0, 0),
          limit: 10
        })
        assert.approximately(found.candidates[0]!.cosine!, 1, 2e-3)
      }))

    it.effect("holds what many writers bring at once, to one dataset and to several", () =>
      Effect.gen(function*() {
        const index = yield* SearchIndex
        const [tenantId, a, b] = [newTenant(), newDataset(), newDataset()]
        const batches = Array.from({ length: 12 }, (_, i) =>
          Array.from({ length: 10 }, (_, j) => entry((i + j) % 3 === 0 ? b : a, `turbine number${i} part${j}`)))
        yield* Effect.forEach([...batches, ...batches], (batch) =>
          index.upsert(space, tenantId, batch), {
          concurrency: "unbounded"
        })
        const found = yield* find(tenantId, [a, b], { text: "turbine number3", limit: 200 })
        assert.strictEqual(found.candidates.length, 120)
        assert.deepStrictEqual(found.statistics.documentFrequencies, [120, 10])
        assert.strictEqual(found.statistics.segments, 120)
      }))

    it.effect("finds the best by words among many that have a word, and by a filter the best of the few that it lets through", () =>
      Effect.gen(function*() {
        const index = yield* SearchIndex
        const [tenantId, datasetId] = [newTenant(), newDataset()]
        const many = Array.from(
          { length: 400 },
          (_, i) => entry(datasetId, `turbine ${"filler ".repeat(20 + i % 7)}`, { metadata: { rare: i === 333 } })
        )
        const best = entry(datasetId, "turbine turbine turbine")
        yield* index.upsert(space, tenantId, [...many.slice(0, 200), best, ...many.slice(200)])
        const found = yield* find(tenantId, [datasetId], { text: "turbine", limit: 5 })
        assert.isFalse(found.exhausted)
        const query = { mode: "keyword", terms: ["turbin"], weights: [1], space, spoken: true } as const
        assert.strictEqual(rank(query, found)[0]!.segmentId, best.segmentId)
        const rare = yield* find(tenantId, [datasetId], {
          text: "turbine",
          vector: direction(0),
          filter: { field: "rare", eq: true },
          limit: 5
        })
        assert.deepStrictEqual(idsOf(rare), sorted(many[333]!))
        assert.strictEqual(rare.statistics.segments, 401)
        assert.isTrue(rare.exhausted)
      }))

    it.effect("agrees with a plain recount after any sequence of writes and removals", () =>
      Effect.gen(function*() {
        const index = yield* SearchIndex
        const run = Effect.runPromiseWith(yield* Effect.context<SearchIndex>())
        const words = ["turbin", "pump", "valv", "wing"]
        const text = fc.array(fc.constantFrom(...words), { maxLength: 6 }).map((chosen) => chosen.join(" "))
        const ids = Array.from({ length: 8 }, () => SegmentId.make(randomUUID()))
        const step = fc.oneof(
          fc.array(fc.tuple(fc.constantFrom(...ids), text), { maxLength: 8 }),
          fc.record({ remove: fc.subarray(ids) })
        )
        const property = fc.asyncProperty(fc.array(step, { maxLength: 8 }), (steps) =>
          run(Effect.gen(function*() {
            const [tenantId, datasetId] = [newTenant(), newDataset()]
            const model = new Map<SegmentId, IndexEntry>()
            for (const step of steps) {
              if ("remove" in step) {
                const removed = step.remove.filter((id) => model.delete(id)).length
                const scope = { _tag: "Segments", segmentIds: step.remove } as const
                assert.strictEqual(yield* index.remove(space, tenantId, scope), removed)
              } else {
                const entries = step.map(([segmentId, text]) => entry(datasetId, text, { segmentId }))
                for (const one of entries) model.set(one.segmentId, one)
                yield* index.upsert(space, tenantId, entries)
              }
            }
            const all = [...model.values()]
            const found = yield* index.candidates(space, {
              tenantId,
              datasetIds: [datasetId],
              filter: undefined,
              terms: words,
              vector: undefined,
              limit: 100
            })
            const frequencies = words.map((word) => all.filter(({ terms }) => terms.has(word)).length)
            assert.deepStrictEqual(found.statistics.documentFrequencies, frequencies)
            assert.strictEqual(found.statistics.segments, all.length)
            assert.deepStrictEqual(idsOf(found), sorted(...all.filter(({ terms }) => terms.size > 0)))
            for (const { frequencies, length, segmentId } of found.candidates) {
              const one = model.get(segmentId)!
              assert.deepStrictEqual(frequencies, words.map((word) => one.terms.get(word) ?? 0))
              assert.strictEqual(length, one.length)
            }
          })))
        yield* Effect.promise(() => fc.assert(property, { numRuns: 40 }))
      }))
  })
