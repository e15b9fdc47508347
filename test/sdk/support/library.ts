import { EventCursor } from "@sheaf/domain/ids"
import { SearchHit } from "@sheaf/domain/search/Search"
import { SegmentId } from "@sheaf/domain/ids"
import { Effect, Stream } from "effect"
import { contentHash, dataset, datasetId, document, documentId, nothingFound, progress, runId } from "./samples.ts"
import type { Handlers, Script } from "./ScriptedServer.ts"

/** Remembers datasets and the text it was last given, publishes at once, and finds that text whatever is asked. */
export const makeLibrary = (): Script => {
  const names = new Set<string>()
  let text = ""
  const handlers: Partial<Handlers> = {
    DatasetsList: ({ name }) =>
      Effect.sync(() => ({ items: [...names].filter((n) => n === name).map((n) => dataset(n)) })),
    DatasetsCreate: ({ name }) => Effect.sync(() => (names.add(name), dataset(name))),
    DocumentsIngestText: (payload) =>
      Effect.sync(() => {
        text = payload.text
        return { documentId, runId, contentHash, reused: false }
      }),
    DocumentsWatch: () => Stream.make(progress(1), progress(2, "published")),
    DocumentsGet: () => Effect.succeed(document("text")),
    DocumentsList: () => Effect.succeed({ items: [document("a"), document("b")], total: 2 }),
    EventsList: () => Effect.succeed({ events: [], next: EventCursor.make("0") }),
    SearchQuery: () =>
      Effect.sync(() => ({
        ...nothingFound,
        hits: [
          new SearchHit({
            segmentId: SegmentId.make("01900000-0000-5000-8000-00000000000e"),
            documentId,
            datasetId,
            documentName: "text",
            text,
            headingPath: [],
            parent: null,
            highlights: [],
            citation: { page: 1, boxes: [] },
            metadata: {},
            score: {
              total: 0.5,
              lexical: { contribution: 0.5, bm25: 1, upperBound: 2, matched: [] },
              vector: { contribution: 0, cosine: null }
            }
          })
        ]
      }))
  }
  return { handlers, key: "shf_test" }
}
