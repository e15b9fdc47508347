import { Effect, Random, Schema } from "effect"
import * as Steps from "../operations/steps.ts"
import { calls, type Denied } from "./Calls.ts"

/** What was accepted, and should be there unless it was taken back. */
export interface Accepted {
  readonly documents: Map<string, { asked: boolean; deleted: boolean }>
  calls: number
}

const mutations = [
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

const decodeSegments = Schema.decodeUnknownSync(
  Schema.Struct({ items: Schema.Array(Schema.Struct({ id: Schema.String })) })
)

/** One program that does this and that for ever, with what is accepted. */
export const workload = Effect.fn("soak.workload")(
  function*(url: string, key: string, datasetId: string, accepted: Accepted, name: string) {
    const call = calls(url, key)
    const pick = <A>(items: ReadonlyArray<A>) =>
      Effect.map(Random.nextIntBetween(0, items.length - 1), (at) => items[at]!)

    const ingest = Effect.fnUntraced(function*(serial: number) {
      const text = Steps.text(`${name}x${serial}`, 1 + (serial % 4))
      const answer = yield* call("DocumentsIngestText", {
        datasetId,
        name: `${name}-${serial}.md`,
        text,
        ifSame: "new"
      })
      accepted.documents.set(String(answer["documentId"]), { asked: false, deleted: false })
    })

    const segmentOf = (documentId: string) =>
      Effect.map(call("SegmentsList", { documentId }), (answer) => decodeSegments(answer).items[0]?.id)

    const change = Effect.fnUntraced(function*(documentId: string, serial: number) {
      const method = yield* pick(mutations)
      const extra: Readonly<Record<string, object>> = {
        DocumentsRename: { name: `renamed-${serial}.md` },
        DocumentsSetMetadata: { metadata: { serial: `${serial}` } }
      }
      if (method === "SearchQuery") return yield* call(method, { text: "watch", datasetIds: [datasetId] })
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
        return yield* call(method, { documentId, ...of[method] })
      }
      const document = accepted.documents.get(documentId)!
      // Somebody who is stopped before the answer does not know what became of it.
      if (method === "DocumentsDelete") document.asked = true
      yield* call(method, { documentId, ...extra[method] })
      if (method === "DocumentsDelete") document.deleted = true
    })

    const step = (serial: number): Effect.Effect<unknown, Denied> =>
      Effect.gen(function*() {
        const there = [...accepted.documents].filter(([, { asked }]) => !asked).map(([id]) => id)
        accepted.calls++
        return yield* there.length < 4 || (yield* Random.next) < 0.25
          ? ingest(serial)
          : change(yield* pick(there), serial)
      })
    for (let serial = 0;; serial++) {
      // What does not fit what a document is doing is refused: that is an answer as well.
      yield* Effect.ignore(step(serial))
      yield* Effect.sleep(yield* Random.nextIntBetween(10, 120))
    }
  }
)
