import type { SegmentsListed } from "@sheaf/adapters/repos/segments/segmentList"
import { SegmentsRepo } from "@sheaf/adapters/repos/segments/SegmentsRepo"
import type { DocumentNotFound } from "@sheaf/domain/documents/errors"
import type { Caller } from "@sheaf/domain/edge/Caller"
import type { BadRequest } from "@sheaf/domain/edge/errors"
import type { DocumentId, PageCursor, SegmentId } from "@sheaf/domain/ids"
import type { Segment } from "@sheaf/domain/segments/Segment"
import { SegmentNotFound } from "@sheaf/domain/segments/errors"
import { Context, Effect, Layer, Option } from "effect"
import { Documents } from "../documents/Documents.ts"
import { pageOr } from "../edge/pageOr.ts"

/** Segments of published versions. */
export class Segments extends Context.Service<Segments, {
  readonly list: (
    caller: Caller,
    options: SegmentsListed
  ) => Effect.Effect<
    { readonly items: ReadonlyArray<Segment>; readonly next?: PageCursor; readonly total?: number },
    DocumentNotFound | BadRequest
  >
  readonly get: (
    caller: Caller,
    segment: { readonly documentId: DocumentId; readonly segmentId: SegmentId }
  ) => Effect.Effect<Segment, DocumentNotFound | SegmentNotFound>
}>()("@sheaf/server/segments/Segments") {
  static readonly layer = Layer.effect(
    Segments,
    Effect.gen(function*() {
      const documents = yield* Documents
      const repo = yield* SegmentsRepo

      const list: Segments["Service"]["list"] = Effect.fn("Segments.list")(function*(caller, options) {
        yield* documents.get(caller, options)
        return yield* pageOr(repo.list(caller, options))
      })

      const get: Segments["Service"]["get"] = Effect.fn("Segments.get")(function*(caller, { documentId, segmentId }) {
        yield* documents.get(caller, { documentId })
        const found = yield* repo.find(caller, documentId, segmentId)
        if (Option.isNone(found)) return yield* new SegmentNotFound({ segmentId })
        return found.value
      })

      return Segments.of({ list, get })
    })
  )
}
