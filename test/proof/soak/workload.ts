import { Effect, Random, Schema } from "effect"
import * as Steps from "../operations/steps.ts"
import { calls, type Denied } from "./Calls.ts"

/** What was accepted, and should be there unless it was taken back. */
export interface Accepted {
  readonly documents: Map<string, { asked: boolean; deleted: boolean }>
  /** Deleted documents that a search found that began afterwards. */
  readonly found: Set<string>
  calls: number
}

const acts = [
  "DocumentsRename",
  "DocumentsSetMetadata",
  "DocumentsRetry",
  "DocumentsPause",
  "DocumentsResume",
  "DocumentsEnable",
  "DocumentsDisable",
  "DocumentsArchive",
  "DocumentsUnarchive",
  "SegmentsAdd",
  "SegmentsEdit",
  "SegmentsDisable",
  "SegmentsEnable",
  "SearchQuery",
  "DocumentsDelete"
] as const
type Act = (typeof acts)[number]

/** Somebody patient brings nothing more while so many documents of the dataset are on their way. */
const mostUnfinished = 40

/** Beyond so many documents, one is deleted for each that comes: what is there is looked through whole in the end. */
const mostDocuments = 300

const unfinished = ["queuing", "indexing", "updating", "deleting"] as const

const decodeStatistics = Schema.decodeUnknownSync(
  Schema.Struct({ byStatus: Schema.Record(Schema.Literals(unfinished), Schema.Int) })
)

const decodeHits = Schema.decodeUnknownSync(
  Schema.Struct({ hits: Schema.Array(Schema.Struct({ documentId: Schema.String })) })
)

const decodeSegments = Schema.decodeUnknownSync(
  Schema.Struct({ items: Schema.Array(Schema.Struct({ id: Schema.String })) })
)

/** One program that does this and that for ever, with what is accepted. */
export const workload = Effect.fn("soak.workload")(
  function*(url: string, key: string, datasetId: string, accepted: Accepted, name: string) {
    const { change, look } = calls(url, key)
    const pick = <A>(items: ReadonlyArray<A>) =>
      Effect.map(Random.nextIntBetween(0, items.length - 1), (at) => items[at]!)

    const ingest = Effect.fnUntraced(function*(serial: number) {
      const text = Steps.text(`${name}x${serial}`, 1 + (serial % 4))
      const answer = yield* change("DocumentsIngestText", {
        datasetId,
        name: `${name}-${serial}.md`,
        text,
        ifSame: "new"
      })
      accepted.documents.set(String(answer["documentId"]), { asked: false, deleted: false })
    })

    const segmentOf = (documentId: string) =>
      Effect.map(look("SegmentsList", { documentId }), (answer) => decodeSegments(answer).items[0]?.id)

    const isCrowded = Effect.map(look("DatasetsStatistics", { datasetId }), (answer) => {
      const { byStatus } = decodeStatistics(answer)
      return unfinished.reduce((sum, status) => sum + byStatus[status], 0) >= mostUnfinished
    })

    const search = Effect.gen(function*() {
      const gone = [...accepted.documents].filter(([, { deleted }]) => deleted).map(([id]) => id)
      const { hits } = decodeHits(yield* look("SearchQuery", { text: "watch", datasetIds: [datasetId] }))
      const found = new Set(hits.map(({ documentId }) => documentId))
      gone.filter((id) => found.has(id)).forEach((id) => accepted.found.add(id))
    })

    const act = Effect.fnUntraced(function*(documentId: string, serial: number, method: Act) {
      const extra: Readonly<Record<string, object>> = {
        DocumentsRename: { name: `renamed-${serial}.md` },
        DocumentsSetMetadata: { metadata: { serial: `${serial}` } }
      }
      if (method === "SearchQuery") return yield* search
      if (method.startsWith("Segments")) {
        const segmentId = yield* segmentOf(documentId)
        if (segmentId === undefined) return
        const text = `By hand, ${name} ${serial}.`
        const of: Readonly<Record<string, object>> = {
          SegmentsAdd: { after: segmentId, text },
          SegmentsEdit: { segmentId, text },
          SegmentsDisable: { segmentIds: [segmentId] },
          SegmentsEnable: { segmentIds: [segmentId] }
        }
        return yield* change(method, { documentId, ...of[method] })
      }
      const document = accepted.documents.get(documentId)!
      // Somebody who is stopped before the answer does not know what became of it.
      if (method === "DocumentsDelete") document.asked = true
      yield* change(method, { documentId, ...extra[method] })
      if (method === "DocumentsDelete") document.deleted = true
    })

    const step = (serial: number): Effect.Effect<unknown, Denied> =>
      Effect.gen(function*() {
        const there = [...accepted.documents].filter(([, { asked }]) => !asked).map(([id]) => id)
        accepted.calls++
        if (there.length >= 4 && (yield* Random.next) >= 0.25) {
          return yield* act(yield* pick(there), serial, yield* pick(acts))
        }
        if (there.length >= mostDocuments) yield* act(there[0]!, serial, "DocumentsDelete")
        if (!(yield* isCrowded)) yield* ingest(serial)
      })
    for (let serial = 0;; serial++) {
      // What does not fit what a document is doing is refused: that is an answer as well.
      yield* Effect.ignore(step(serial))
      yield* Effect.sleep(yield* Random.nextIntBetween(10, 120))
    }
  }
)
