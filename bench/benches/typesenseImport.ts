// Claim: 20,000 segments of 512 dimensions go through the Typesense adapter at 0.8 of the speed of a bare import loop.
// How: both into the same server, 1,000 segments in turn, each into a collection of its own. The bare loop has the very same documents ready
// and does what nobody can do without: writes them as lines, sends bodies of the same size one after the other, looks at every answer.
// The server is the double of the tests, in a process of its own, or what TYPESENSE_URL names.
import { type IndexEntry, SearchIndex } from "@sheaf/adapters/search/SearchIndex"
import * as Typesense from "@sheaf/adapters/search/typesense"
import { lineOf, makeFacts, sourceOf } from "@sheaf/adapters/search/typesense/fields/record"
import { fieldsOf } from "@sheaf/adapters/search/typesense/fields/schema"
import { analyze } from "@sheaf/adapters/text/analyzer"
import { DatasetId, DocumentId, SegmentId, TenantId } from "@sheaf/domain/ids"
import { Context, DateTime, Effect, Layer } from "effect"
import { randomUUID } from "node:crypto"
import { send } from "../../test/support/typesense/send.ts"
import * as Bench from "../framework/Bench.ts"
import { timed } from "../framework/measure.ts"
import { makePassages } from "../inputs/passages.ts"
import { madeSpace } from "../inputs/space.ts"
import { madeVector } from "../programs/instantEmbedder.ts"
import * as TypesenseProgram from "../support/typesense.ts"

const segments = 20_000
const dimension = 512
const perDocument = 200
/** As the pipeline hands them over. */
const perCall = 200
const atOnce = 2
const bodyBytes = 2 * 1024 * 1024
/** So few that whatever else the machine does meets both alike. */
const perTurn = 1_000

const space = madeSpace(dimension)

const tenantId = TenantId.make(randomUUID())

const makeEntries = (): ReadonlyArray<IndexEntry> => {
  const { passage } = makePassages(1)
  const datasetId = DatasetId.make(randomUUID())
  const createdAt = DateTime.toDateUtc(DateTime.makeUnsafe("2026-01-31T10:00:00Z"))
  const documents = Array.from({ length: segments / perDocument }, (_, number) => ({
    documentId: DocumentId.make(randomUUID()),
    document: { name: `document ${number}.pdf`, mediaType: "application/pdf", createdAt, metadata: { number } }
  }))
  return Array.from({ length: segments }, (_, i): IndexEntry => {
    const text = passage(180)
    const { length, terms } = analyze(text)
    const { document, documentId } = documents[Math.floor(i / perDocument)]!
    const vector = madeVector(text, dimension)
    return { segmentId: SegmentId.make(randomUUID()), datasetId, documentId, document, terms, length, vector }
  })
}

/** What anybody has to do: lines, bodies, answers. */
const bareLoop = Effect.fnUntraced(function*(
  server: TypesenseProgram.TypesenseOptions,
  collection: string,
  documents: ReadonlyArray<object>
) {
  const path = `/collections/${collection}/documents/import`
  let lines: Array<string> = []
  let size = 0
  const flush = Effect.gen(function*() {
    const { text } = yield* send(server, { method: "POST", path, body: lines.join("\n"), query: { action: "upsert" } })
    for (const line of text.split("\n")) {
      const answer: unknown = JSON.parse(line)
      if (!JSON.stringify(answer).includes("true")) return yield* Effect.die(new Error(line))
    }
    lines = []
    size = 0
  })
  for (const document of documents) {
    const line = JSON.stringify(document)
    lines.push(line)
    size += line.length
    if (size >= bodyBytes) yield* flush
  }
  if (lines.length > 0) yield* flush
})

export default Bench.make({
  name: "typesense-import",
  claim: "segments reach Typesense about as fast as it takes them",
  minutes: 10,
  run: Effect.gen(function*() {
    const server = yield* TypesenseProgram.start()
    const entries = makeEntries()
    const facts = makeFacts()
    // Through text, so that the documents are what JSON makes of them.
    const documents = entries.map((entry): object =>
      JSON.parse(lineOf(sourceOf(tenantId, entry), 120, facts)) as object
    )
    const collection = `${server.collectionPrefix}-bare`
    yield* send(server, { method: "POST", path: "/collections", body: { name: collection, fields: fieldsOf(space) } })
    const { apiKey, collectionPrefix, url } = server
    const services = yield* Layer.build(Typesense.layer({ urls: [url], apiKey, collectionPrefix }))
    const index = Context.get(services, SearchIndex)
    yield* index.ensure(space)

    const bare = (from: number) => bareLoop(server, collection, documents.slice(from, from + perTurn))
    const adapter = (from: number) => {
      const calls = Array.from({ length: perTurn / perCall }, (_, i) => from + i * perCall)
      const write = (start: number) => index.upsert(space, tenantId, entries.slice(start, start + perCall))
      return Effect.forEach(calls, write, { concurrency: atOnce, discard: true })
    }
    let [bareMs, adapterMs] = [0, 0]
    for (let from = 0; from < segments; from += perTurn) {
      bareMs += (yield* timed(bare(from))).ms
      adapterMs += (yield* timed(adapter(from))).ms
    }
    const { datasetId } = entries[0]!
    const stored = yield* index.count(space, tenantId, { _tag: "Dataset", datasetId })
    if (stored !== segments) return yield* Effect.die(new Error(`${stored} segments arrived`))
    const note = server.isDouble ? "into the double" : "into a real server"
    return [
      { name: "adapter", value: segments / adapterMs * 1_000, unit: "segments/s", note },
      { name: "bare loop", value: segments / bareMs * 1_000, unit: "segments/s", note },
      {
        name: "speed of the bare loop",
        value: bareMs / adapterMs,
        unit: "",
        target: { atLeast: 0.8 },
        note
      }
    ]
  })
})
