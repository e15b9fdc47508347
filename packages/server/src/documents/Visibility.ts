import { Enablement } from "@sheaf/adapters/lifecycle/Enablement"
import type { By } from "@sheaf/adapters/lifecycle/By"
import type { Document } from "@sheaf/domain/documents/Document"
import type { DocumentNotFound } from "@sheaf/domain/documents/errors"
import { encodeIndexToken } from "@sheaf/domain/documents/indexToken"
import type { Caller } from "@sheaf/domain/edge/Caller"
import { BadRequest, type Conflict } from "@sheaf/domain/edge/errors"
import type { DocumentId, SegmentId } from "@sheaf/domain/ids"
import { Context, Effect, Layer } from "effect"
import { Documents } from "./Documents.ts"

interface Named {
  readonly documentId: DocumentId
  readonly ifVersion?: number
}

interface NamedSegments extends Named {
  readonly segmentIds: ReadonlyArray<SegmentId>
}

type SetDocument = (caller: Caller, document: Named) => Effect.Effect<
  { readonly document: Document; readonly changed: boolean; readonly indexToken: string },
  DocumentNotFound | Conflict
>
type SetSegments = (caller: Caller, segments: NamedSegments) => Effect.Effect<
  { readonly changed: number; readonly missing: ReadonlyArray<SegmentId>; readonly indexToken: string },
  DocumentNotFound | Conflict | BadRequest
>

/** What readers see of the documents that a caller may see. Changes are part of the caller's transaction. */
export class Visibility extends Context.Service<Visibility, {
  readonly enable: SetDocument
  readonly disable: SetDocument
  readonly archive: SetDocument
  readonly unarchive: SetDocument
  readonly enableSegments: SetSegments
  readonly disableSegments: SetSegments
}>()("@sheaf/server/documents/Visibility") {
  static readonly layer = Layer.effect(
    Visibility,
    Effect.gen(function*() {
      const documents = yield* Documents
      const enablement = yield* Enablement

      type OfDocument = Enablement["Service"]["enable"]
      const ofDocument = (set: OfDocument): SetDocument =>
        Effect.fnUntraced(function*(caller, named) {
          const { id: documentId } = yield* documents.get(caller, named)
          const { changed, generation } = yield* set(caller, named)
          return {
            document: yield* documents.get(caller, named),
            changed,
            indexToken: encodeIndexToken([{ documentId, generation }])
          }
        })

      type OfSegments = Enablement["Service"]["enableSegments"]
      const ofSegments = (set: OfSegments): SetSegments =>
        Effect.fnUntraced(function*(caller, named) {
          if (named.ifVersion !== undefined && named.segmentIds.length > 1) {
            return yield* new BadRequest({ reason: "`ifVersion` is the version of one segment, and several are named" })
          }
          const { id: documentId } = yield* documents.get(caller, named)
          const { changed, generation, missing } = yield* set(caller satisfies By, named)
          return { changed, missing, indexToken: encodeIndexToken([{ documentId, generation }]) }
        })

      return Visibility.of({
        enable: ofDocument(enablement.enable),
        disable: ofDocument(enablement.disable),
        archive: ofDocument(enablement.archive),
        unarchive: ofDocument(enablement.unarchive),
        enableSegments: ofSegments(enablement.enableSegments),
        disableSegments: ofSegments(enablement.disableSegments)
      })
    })
  )
}
