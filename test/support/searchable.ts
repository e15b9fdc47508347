import { DocumentsRepo } from "@sheaf/adapters/repos/documents/DocumentsRepo"
import { newId } from "@sheaf/adapters/repos/newId"
import { SegmentsRepo } from "@sheaf/adapters/repos/segments/SegmentsRepo"
import { SearchIndex } from "@sheaf/adapters/search/SearchIndex"
import { analyze } from "@sheaf/adapters/text/analyzer"
import { Caller } from "@sheaf/domain/edge/Caller"
import { ApiKeyId, type DatasetId, type DocumentId, SegmentId, SpaceId } from "@sheaf/domain/ids"
import type { SearchResult } from "@sheaf/domain/search/Search"
import { Space } from "@sheaf/domain/spaces/Space"
import type { Server } from "@sheaf/server/Server"
import { Effect } from "effect"
import { space as universal } from "../repos/world.ts"
import * as TestServer from "./TestServer.ts"

// Something to search: segments with made vectors, in a database and an index, behind a server.

/** Speaks English alone. */
export const space = new Space({
  ...universal,
  id: SpaceId.make("aa112233aabbccdd"),
  languages: ["en"],
  vectorWeight: 0.5,
  cosineFloor: 0
})

export const directions = {
  animals: Float32Array.of(1, 0, 0, 0),
  plants: Float32Array.of(0, 1, 0, 0),
  between: Float32Array.of(Math.SQRT1_2, Math.SQRT1_2, 0, 0)
}

interface Piece {
  readonly text: string
  readonly vector: Float32Array | null
  readonly language?: string
}

const callerOf = (tenantId: Parameters<typeof TestServer.makeKey>[0]) =>
  new Caller({
    tenantId,
    keyId: ApiKeyId.make("01890a5d-ac96-774b-bcce-b302099a8057"),
    scopes: ["admin"],
    datasetIds: null
  })

export const setting = Effect.gen(function*() {
  const { keys, tenantId } = yield* TestServer.makeTenant
  const documents = yield* DocumentsRepo
  const index = yield* SearchIndex
  const segments = yield* SegmentsRepo

  /** A document that is published and indexed. */
  const publish = Effect.fnUntraced(function*(datasetId: DatasetId, name: string, pieces: ReadonlyArray<Piece>) {
    const text = { datasetId, name, text: name, ifSame: "new", metadata: { topic: name } }
    const accepted = yield* TestServer.ok(keys.write, "DocumentsIngestText", text)
    const documentId: DocumentId = accepted.documentId
    const made = yield* Effect.forEach(pieces, (piece, ordinal) =>
      Effect.map(newId(SegmentId), (id) => ({
        id,
        ordinal,
        text: piece.text,
        headingPath: ["Title"],
        textHash: piece.text,
        tokens: 5,
        language: piece.language ?? "en",
        boxes: [{ page: ordinal + 3, x0: 0, y0: 0, x1: 1, y1: 0.5 }]
      })))
    yield* segments.add(tenantId, { datasetId, documentId, runId: accepted.runId, spaceId: space.id }, made)
    yield* documents.publish(tenantId, documentId, {
      runId: accepted.runId,
      pages: 9,
      segments: made.length,
      tokens: 5
    })
    const { createdAt } =
      (yield* documents.progress(callerOf(tenantId), documentId).pipe(Effect.flatMap(Effect.fromOption))).document
    yield* index.upsert(
      space,
      tenantId,
      made.map((segment, at) => {
        const { length, terms } = analyze(segment.text)
        const document = { name, mediaType: "text/plain", createdAt, metadata: { topic: name } }
        return { segmentId: segment.id, datasetId, documentId, document, terms, length, vector: pieces[at]!.vector }
      })
    )
    return documentId
  })

  const makeDataset = (name: string) =>
    Effect.map(TestServer.ok(keys.write, "DatasetsCreate", { name }), ({ id }): DatasetId => id)
  const search = (request: object): Effect.Effect<SearchResult, never, Server> =>
    TestServer.ok(keys.read, "SearchQuery", request)
  return { keys, tenantId, publish, makeDataset, search }
})

export const zoo: ReadonlyArray<Piece> = [
  { text: "The lion sleeps in the shade.", vector: directions.animals },
  { text: "Roses need water every day.", vector: directions.plants },
  { text: "A lion does not eat roses.", vector: directions.between }
]
