import { Details, type Named, type NewMetadata, type NewName } from "@sheaf/adapters/lifecycle/Details"
import type { Document } from "@sheaf/domain/documents/Document"
import type { DocumentNameTaken, DocumentNotFound, MetadataInvalid } from "@sheaf/domain/documents/errors"
import { encodeIndexToken } from "@sheaf/domain/documents/indexToken"
import type { Caller } from "@sheaf/domain/edge/Caller"
import type { Conflict } from "@sheaf/domain/edge/errors"
import { Context, Effect, Layer } from "effect"
import { Documents } from "./Documents.ts"

/** The document as it is now, and what a search can wait for. */
interface Changed {
  readonly document: Document
  readonly indexToken: string
}

/** Names and metadata of documents that a caller may see. Changes are part of the caller's transaction. */
export class DocumentDetails extends Context.Service<DocumentDetails, {
  readonly rename: (
    caller: Caller,
    change: Named & NewName
  ) => Effect.Effect<Changed, DocumentNotFound | DocumentNameTaken | Conflict>
  readonly setMetadata: (
    caller: Caller,
    change: Named & NewMetadata
  ) => Effect.Effect<Changed, DocumentNotFound | MetadataInvalid | Conflict>
}>()("@sheaf/server/documents/DocumentDetails") {
  static readonly layer = Layer.effect(
    DocumentDetails,
    Effect.gen(function*() {
      const details = yield* Details
      const documents = yield* Documents

      const changed = <Change extends Named, E>(
        change: (caller: Caller, change: Change) => Effect.Effect<number, E>
      ) =>
        Effect.fnUntraced(function*(caller: Caller, asked: Change) {
          const { id: documentId } = yield* documents.get(caller, asked)
          const generation = yield* change(caller, asked)
          return {
            document: yield* documents.get(caller, asked),
            indexToken: encodeIndexToken([{ documentId, generation }])
          }
        })

      return DocumentDetails.of({ rename: changed(details.rename), setMetadata: changed(details.setMetadata) })
    })
  )
}
