import { assert, it } from "@effect/vitest"
import type { TenantsRepo } from "@sheaf/adapters/repos/access/TenantsRepo"
import type { DatasetsRepo } from "@sheaf/adapters/repos/datasets/DatasetsRepo"
import { DocumentsRepo } from "@sheaf/adapters/repos/documents/DocumentsRepo"
import { FiguresRepo } from "@sheaf/adapters/repos/documents/FiguresRepo"
import { type ListOptions, ListsRepo } from "@sheaf/adapters/repos/documents/ListsRepo"
import type { Document } from "@sheaf/domain/documents/Document"
import { type DocumentFilter, suffixOf } from "@sheaf/domain/documents/ListFilter"
import { DocumentSort, SortOrder } from "@sheaf/domain/documents/ListsRpcs"
import { DocumentStatus, statusOf } from "@sheaf/domain/documents/status"
import { Actor, Caller, OnBehalfOf } from "@sheaf/domain/edge/Caller"
import { ApiKeyId, type DatasetId, type DocumentId, RunId } from "@sheaf/domain/ids"
import { RunState } from "@sheaf/domain/runs/Run"
import { Array as Arr, DateTime, Effect, Option } from "effect"
import { SqlClient } from "effect/sql"
import * as fc from "fast-check"
import { fits } from "../support/oracles/documentOracle.ts"
import { anyFilter, anyMetadata } from "../support/oracles/filters.ts"
import { engines, makeDataset, makeDocument, makeTenant, some } from "./world.ts"

const keys = [
  ApiKeyId.make("00000000-0000-7000-8000-0000000000ab"),
  ApiKeyId.make("00000000-0000-7000-8000-0000000000cd")
]
const people = ["ada", "Ada", keys[0]!]
const names = [
  "a.pdf",
  "A.PDF",
  "b.txt",
  "report.tar.gz",
  ".env",
  "no suffix",
  "x.",
  "Übung.md",
  "a.toolongforasuffix1",
  "%_.csv"
]
const types = ["application/pdf", "text/plain"]
const day = (n: number) => DateTime.toDate(DateTime.makeUnsafe(`2026-01-0${n + 1}T12:00:00.123Z`))

const anyFacts = fc.record({
  name: fc.constantFrom(...names),
  mediaType: fc.constantFrom(null, ...types),
  metadata: anyMetadata,
  archived: fc.boolean(),
  deleting: fc.oneof({ weight: 5, arbitrary: fc.constant(false) }, fc.constant(true)),
  enabled: fc.boolean(),
  published: fc.boolean(),
  state: fc.constantFrom(...RunState.literals),
  paused: fc.boolean(),
  waiting: fc.boolean(),
  size: fc.constantFrom(0, 1, 2, 5_000_000_000),
  tokens: fc.nat(100),
  createdAt: fc.integer({ min: 1, max: 4 }),
  updatedAt: fc.integer({ min: 1, max: 4 }),
  key: fc.constantFrom(...keys),
  person: fc.option(fc.constantFrom(...people), { nil: undefined })
})
type Facts = typeof anyFacts extends fc.Arbitrary<infer A> ? A : never

const between = fc.record({
  from: fc.integer({ min: 0, max: 5 }).map(day),
  before: fc.integer({ min: 0, max: 5 }).map(day)
}, {
  requiredKeys: []
})
const several = <A>(...items: ReadonlyArray<A>) =>
  fc.uniqueArray(fc.constantFrom(...items), { minLength: 1, maxLength: 3 })
const anyDocumentFilter: fc.Arbitrary<DocumentFilter> = fc.record({
  name: fc.constantFrom("a", "A", ".", "%", "Übung", "üBUNG", ""),
  status: several(...DocumentStatus.literals),
  mediaType: several(...types, "x/y"),
  suffix: several("pdf", "PDF", "gz", "txt", "md"),
  actor: fc.constantFrom<string>(...keys, keys[0]!.toUpperCase(), ...people, "nobody"),
  metadata: anyFilter,
  createdAt: between,
  updatedAt: between
}, { requiredKeys: [] })

const alive = (facts: Facts): Facts => ({ ...facts, deleting: false })

type Services = DatasetsRepo | DocumentsRepo | FiguresRepo | ListsRepo | TenantsRepo | SqlClient.SqlClient

/** A document that stands as the facts say, past all rules. */
const place = Effect.fnUntraced(function*(caller: Caller, datasetId: DatasetId, facts: Facts) {
  const sql = yield* SqlClient.SqlClient
  const documents = yield* DocumentsRepo
  const { documentId, runId } = yield* makeDocument(caller, datasetId)
  const actor = new Actor({
    keyId: facts.key,
    ...(facts.person !== undefined && { onBehalfOf: new OnBehalfOf({ id: facts.person }) })
  })
  yield* sql`update documents set name = ${facts.name}, media_type = ${facts.mediaType},
    metadata = ${JSON.stringify(facts.metadata)}::jsonb, archived = ${facts.archived}, enabled = ${facts.enabled},
    deleting = ${facts.deleting}, published_run_id = ${facts.published ? runId : null}::uuid,
    size = ${facts.size}::float8::bigint, tokens = ${facts.tokens}, segments = 2, pages = 3,
    created_at = ${day(facts.createdAt).toISOString()}::timestamptz + interval '7 microseconds',
    updated_at = ${day(facts.updatedAt).toISOString()}::timestamptz, created_by = ${JSON.stringify(actor)}::jsonb
    where id = ${documentId}`
  yield* sql`update runs set state = ${facts.state}, paused = ${facts.paused}, elapsed_ms = 5,
    waiting_for = ${facts.waiting ? "embedder" : null} where id = ${runId}`
  const found = yield* documents.find(caller, documentId)
  // What is being deleted is found by its row alone.
  return { id: documentId, runId: RunId.make(runId), facts, shown: found }
})

/** The document as it would be shown, if it were. */
const shownOf = ({ facts, id, runId }: Effect.Success<ReturnType<typeof place>>): Document => ({
  id,
  ...facts,
  status: statusOf({ ...facts, run: facts }),
  createdBy: new Actor({
    keyId: facts.key,
    ...(facts.person !== undefined && { onBehalfOf: new OnBehalfOf({ id: facts.person }) })
  }),
  createdAt: day(facts.createdAt),
  updatedAt: day(facts.updatedAt),
  publishedRunId: facts.published ? runId : null
} as unknown as Document)

const every = Effect.fnUntraced(function*(caller: Caller, options: ListOptions) {
  const lists = yield* ListsRepo
  const items: Array<Document> = []
  let page = some(yield* lists.list(caller, options))
  for (;;) {
    items.push(...page.items)
    if (page.next === undefined) return items
    page = some(yield* lists.list(caller, { ...options, cursor: page.next }))
  }
})

const ids = (documents: Iterable<{ readonly id: DocumentId }>) => Array.from(documents, ({ id }) => id)

for (const { layer, name } of engines) {
  it.layer(layer, { timeout: "90 seconds" })(`lists of documents on ${name}`, (it) => {
    it.effect(
      "a filter in SQL fits the documents that it fits in TypeScript, and the figures are those of a recount",
      () =>
        Effect.gen(function*() {
          const services = yield* Effect.context<Services>()
          const check = Effect.fnUntraced(function*(all: ReadonlyArray<Facts>, filters: ReadonlyArray<DocumentFilter>) {
            const figures = yield* FiguresRepo
            const { caller } = yield* makeTenant
            const datasetId = yield* makeDataset(caller)
            const placed = yield* Effect.forEach(all, (facts) => place(caller, datasetId, facts))
            const documents = placed.map(shownOf)
            for (const { id, shown } of placed) {
              const document = documents.find((one) => one.id === id)!
              assert.strictEqual(Option.isSome(shown), document.status !== "deleting")
              if (Option.isSome(shown)) assert.strictEqual(shown.value.status, document.status)
            }
            const named = ["status", "mediaType", "suffix", "actor", "metadata.a", "metadata.c.d-e"]
            for (const filter of [{}, ...filters]) {
              const wanted = documents.filter((document) => fits(filter, document))
              const listed = yield* every(caller, { datasetId, filter, limit: 3 })
              assert.deepStrictEqual(new Set(ids(listed)), new Set(ids(wanted)), JSON.stringify(filter))
              assert.strictEqual(listed.length, wanted.length)
              const counted = yield* figures.count(caller, { datasetId, filter, facets: named, values: 100 })
              assert.strictEqual(counted.total, wanted.length)
              assert.deepStrictEqual(asMap(counted.facets), recount(wanted, named))
            }
            const living = documents.filter(({ status }) => status !== "deleting")
            const sum = (of: (document: Document) => number) => living.reduce((total, one) => total + of(one), 0)
            assert.deepStrictEqual(yield* figures.sums(caller, datasetId), {
              byStatus: Object.fromEntries(
                DocumentStatus.literals.map((status) => [
                  status,
                  documents.filter((one) => one.status === status).length
                ])
              ) as { readonly [Status in DocumentStatus]: number },
              documents: living.length,
              pages: 3 * living.length,
              segments: 2 * living.length,
              tokens: sum(({ tokens }) => tokens),
              bytes: sum(({ size }) => size),
              processingMs: 5 * living.length
            })
          })
          const property = fc.asyncProperty(
            fc.array(anyFacts, { minLength: 1, maxLength: 12 }),
            fc.array(anyDocumentFilter, { minLength: 1, maxLength: 12 }),
            (all, filters) => Effect.runPromiseWith(services)(check(all, filters))
          )
          yield* Effect.promise(() => fc.assert(property, { numRuns: 15 }))
        }),
      60_000
    )

    it.effect("every order lists each document once, and equal ones by their ids", () =>
      Effect.gen(function*() {
        const { caller } = yield* makeTenant
        const datasetId = yield* makeDataset(caller)
        const placed = yield* Effect.forEach(
          fc.sample(anyFacts, { numRuns: 20, seed: 7 }),
          (facts) => place(caller, datasetId, { ...facts, deleting: false })
        )
        const documents = placed.map(shownOf)
        const keyOf = {
          createdAt: (document: Document) => document.createdAt.getTime(),
          updatedAt: (document: Document) => document.updatedAt.getTime(),
          size: (document: Document) => document.size,
          name: (document: Document) => Buffer.from(document.name.toLowerCase()).toString("latin1")
        }
        const compare = (a: string | number, b: string | number) => a < b ? -1 : a > b ? 1 : 0
        for (const sort of DocumentSort.literals) {
          for (const order of SortOrder.literals) {
            const sorted = documents.toSorted((a, b) => compare(keyOf[sort](a), keyOf[sort](b)) || compare(a.id, b.id))
            const listed = yield* every(caller, { datasetId, sort, order, limit: 3 })
            assert.deepStrictEqual(ids(listed), ids(order === "asc" ? sorted : sorted.toReversed()), `${sort} ${order}`)
          }
        }
        const lists = yield* ListsRepo
        const { next } = some(yield* lists.list(caller, { datasetId, limit: 3 }))
        const elsewhere = yield* lists.list(caller, { datasetId, sort: "size", limit: 3, cursor: next! })
        assert.isTrue(Option.isNone(elsewhere))
      }))

    it.effect(
      "what exists throughout is listed exactly once while others come and go, the last one of a page among them",
      () =>
        Effect.gen(function*() {
          const sql = yield* SqlClient.SqlClient
          const lists = yield* ListsRepo
          for (const sort of ["createdAt", "size", "name"] as const) {
            for (const order of SortOrder.literals) {
              const { caller } = yield* makeTenant
              const datasetId = yield* makeDataset(caller)
              const facts = fc.sample(anyFacts, { numRuns: 40, seed: 3 }).map(alive)
              const fresh = facts.splice(20)
              const placed = yield* Effect.forEach(facts, (one) => place(caller, datasetId, one))
              const staying = new Set(ids(placed))
              const listed: Array<DocumentId> = []
              const purge = Effect.fnUntraced(function*(id: DocumentId) {
                staying.delete(id)
                yield* sql`update documents set published_run_id = null, latest_run_id = null where id = ${id}`
                yield* sql`delete from runs where document_id = ${id}`
                yield* sql`delete from documents where id = ${id}`
              })
              let page = some(yield* lists.list(caller, { datasetId, sort, order, limit: 4 }))
              for (;;) {
                listed.push(...ids(page.items))
                if (page.next === undefined) break
                yield* purge(page.items.at(-1)!.id)
                yield* place(caller, datasetId, fresh.pop()!)
                page = some(yield* lists.list(caller, { datasetId, sort, order, limit: 4, cursor: page.next }))
              }
              assert.strictEqual(new Set(listed).size, listed.length)
              for (const id of staying) assert.isTrue(listed.includes(id), `${sort} ${order}`)
            }
          }
        }),
      60_000
    )

    it.effect("neither lists nor figures reach into another tenant, another person's private dataset or past a key's limits", () =>
      Effect.gen(function*() {
        const lists = yield* ListsRepo
        const figures = yield* FiguresRepo
        const [mine, theirs] = [yield* makeTenant, yield* makeTenant]
        const writer = (id: string) =>
          new Caller({ ...mine.caller, scopes: ["write"], onBehalfOf: new OnBehalfOf({ id }) })
        const secret = yield* makeDataset(writer("ada"), "private")
        yield* makeDocument(writer("ada"), secret)
        const look = Effect.fnUntraced(function*(caller: Caller) {
          const page = some(yield* lists.list(caller, { datasetId: secret }))
          const { facets, total } = yield* figures.count(caller, {
            datasetId: secret,
            filter: {},
            facets: ["actor"],
            values: 9
          })
          const { documents } = yield* figures.sums(caller, secret)
          return [page.items.length, total, facets[0]!.values.length, documents]
        })
        assert.deepStrictEqual(yield* look(writer("ada")), [1, 1, 2, 1])
        const limited = new Caller({ ...mine.caller, datasetIds: [] })
        for (const other of [writer("bob"), theirs.caller, limited]) {
          assert.deepStrictEqual(yield* look(other), [0, 0, 0, 0])
        }
      }))

    it.effect("a facet tells the most frequent values, and that there are more", () =>
      Effect.gen(function*() {
        const figures = yield* FiguresRepo
        const { caller } = yield* makeTenant
        const datasetId = yield* makeDataset(caller)
        const [facts] = fc.sample(anyFacts, 1)
        for (const a of ["x", "y", "x", "z", "x".repeat(300)]) {
          yield* place(caller, datasetId, { ...facts!, deleting: false, metadata: { a } })
        }
        const { facets } = yield* figures.count(caller, { datasetId, filter: {}, facets: ["metadata.a"], values: 2 })
        assert.deepStrictEqual(facets, [{
          facet: "metadata.a",
          values: [{ value: "x", count: 2 }, { value: "y", count: 1 }],
          more: true
        }])
      }))
  })
}

type Values = ReadonlyArray<{ readonly value: string | number | boolean; readonly count: number }>

const asMap = (facets: ReadonlyArray<{ readonly facet: string; readonly values: Values }>) =>
  new Map(
    facets.map((
      { facet, values }
    ) => [facet, new Map(values.map(({ count, value }) => [JSON.stringify(value), count]))])
  )

const recount = (documents: ReadonlyArray<Document>, facets: ReadonlyArray<string>) =>
  new Map(facets.map((facet) => {
    const counts = new Map<string, number>()
    for (const document of documents) {
      for (const value of new Set(valuesIn(document, facet).map((one) => JSON.stringify(one)))) {
        counts.set(value, (counts.get(value) ?? 0) + 1)
      }
    }
    return [facet, counts]
  }))

const valuesIn = (document: Document, facet: string): ReadonlyArray<string | number | boolean> => {
  const { createdBy, mediaType, metadata, name, status } = document
  if (facet.startsWith("metadata.")) {
    return Arr.flatten([metadata[facet.slice(9)] ?? []].map((value) => Arr.ensure(value)))
  }
  const found = {
    status: [status],
    mediaType: [mediaType],
    suffix: [suffixOf(name)],
    actor: [createdBy.keyId, createdBy.onBehalfOf?.id]
  }[facet] ?? []
  return found.filter((value) => value !== null && value !== undefined)
}
