import { SearchIndex } from "@sheaf/adapters/search/SearchIndex"
import { DocumentId } from "@sheaf/domain/ids"
import type { Filter } from "@sheaf/domain/search/Filter"
import { assert, it } from "@effect/vitest"
import { Effect, type Layer } from "effect"
import * as fc from "fast-check"
import { randomUUID } from "node:crypto"
import { matches } from "../support/oracles/filterOracle.ts"
import { anyFilter, anyMetadata } from "../support/oracles/filters.ts"
import { entry, find, idsOf, newDataset, newTenant, sorted, space } from "../support/indexEntries.ts"

/** What filters mean to every search index. */
export const suite = <E>(name: string, layer: Layer.Layer<SearchIndex, E>) =>
  it.layer(layer, { timeout: "120 seconds", excludeTestServices: true })(`SearchIndex filters: ${name}`, (it) => {
    it.effect("takes the newest facts of a document for all of its segments", () =>
      Effect.gen(function*() {
        const index = yield* SearchIndex
        const [tenantId, datasetId, documentId] = [newTenant(), newDataset(), DocumentId.make(randomUUID())]
        const [one, two] = [entry(datasetId, "turbine", { documentId }), entry(datasetId, "turbine", { documentId })]
        yield* index.upsert(space, tenantId, [one, two])
        const final = { ...one.document, metadata: { state: "final" } }
        yield* index.upsert(space, tenantId, [{ ...one, document: final }, { ...two, document: final }])
        const found = yield* find(tenantId, [datasetId], { text: "turbine", filter: { field: "state", eq: "final" } })
        assert.deepStrictEqual(idsOf(found), sorted(one, two))
      }))

    it.effect("filters by the document's own fields", () =>
      Effect.gen(function*() {
        const index = yield* SearchIndex
        const [tenantId, datasetId] = [newTenant(), newDataset()]
        const one = entry(datasetId, "turbine", { name: "a'b\"c\\d%_.pdf" })
        yield* index.upsert(space, tenantId, [one, entry(datasetId, "turbine")])
        const yes: ReadonlyArray<Filter> = [
          { field: "$name", eq: "a'b\"c\\d%_.pdf" },
          { field: "$documentId", in: [one.documentId] },
          { and: [{ field: "$createdAt", gte: "2026-01" }, { field: "$name", lt: "b" }] }
        ]
        for (const filter of yes) {
          assert.deepStrictEqual(idsOf(yield* find(tenantId, [datasetId], { text: "turbine", filter })), sorted(one))
        }
        const no = yield* find(tenantId, [datasetId], {
          text: "turbine",
          filter: { field: "$mediaType", eq: "text/html" }
        })
        assert.deepStrictEqual(no.candidates, [])
      }))

    it.effect("filters exactly as the tree says, whatever the metadata", () =>
      Effect.gen(function*() {
        const run = yield* Effect.context<SearchIndex>().pipe(Effect.map(Effect.runPromiseWith))
        const index = yield* SearchIndex
        const property = fc.asyncProperty(
          fc.array(anyMetadata, { minLength: 1, maxLength: 6 }),
          fc.array(anyFilter, { minLength: 1, maxLength: 6 }),
          (documents, filters) =>
            run(Effect.gen(function*() {
              const [tenantId, datasetId] = [newTenant(), newDataset()]
              const entries = documents.map((metadata) => entry(datasetId, "turbine", { metadata }))
              yield* index.upsert(space, tenantId, entries)
              for (const filter of filters) {
                const found = yield* find(tenantId, [datasetId], { text: "turbine", filter })
                const expected = entries.filter(({ document: { metadata } }) => matches(filter, metadata))
                assert.deepStrictEqual(idsOf(found), sorted(...expected), JSON.stringify(filter))
              }
              yield* index.remove(space, tenantId, { _tag: "Dataset", datasetId })
            }))
        )
        yield* Effect.promise(() => fc.assert(property, { numRuns: 40 }))
      }))

    it.effect("survives hostile texts in metadata", () =>
      Effect.gen(function*() {
        const index = yield* SearchIndex
        const [tenantId, datasetId] = [newTenant(), newDataset()]
        const hostile = ["\0", "\ud800", "'; drop table documents; --", "\\u0000", "$1", "{}", "🙂\u202E"]
        const entries = hostile.map((value) => entry(datasetId, "turbine", { metadata: { value, list: [value] } }))
        yield* index.upsert(space, tenantId, entries)
        for (const [i, value] of hostile.entries()) {
          for (const filter of [{ field: "value", eq: value }, { field: "list", contains: value }]) {
            const found = yield* find(tenantId, [datasetId], { text: "turbine", filter })
            assert.include(idsOf(found), entries[i]!.segmentId)
            assert.isAtMost(found.candidates.length, 2)
          }
        }
      }))
  })
