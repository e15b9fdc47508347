import { Removal } from "@sheaf/adapters/lifecycle/Removal"
import { DocumentsRepo } from "@sheaf/adapters/repos/documents/DocumentsRepo"
import type { Document } from "@sheaf/domain/documents/Document"
import { DocumentNotFound } from "@sheaf/domain/documents/errors"
import type { Caller } from "@sheaf/domain/edge/Caller"
import type { DocumentId } from "@sheaf/domain/ids"
import { Context, Effect, Layer, Option } from "effect"

interface Named {
  readonly documentId: DocumentId
}

/** Documents. Changes are part of the caller's transaction. */
export class Documents extends Context.Service<Documents, {
  readonly get: (caller: Caller, document: Named) => Effect.Effect<Document, DocumentNotFound>
  /** Invisible from the commit on. */
  readonly remove: (caller: Caller, document: Named) => Effect.Effect<void, DocumentNotFound>
}>()("@sheaf/server/documents/Documents") {
  static readonly layer = Layer.effect(
    Documents,
    Effect.gen(function*() {
      const repo = yield* DocumentsRepo
      const removal = yield* Removal

      const get: Documents["Service"]["get"] = Effect.fn("Documents.get")(function*(caller, { documentId }) {
        const found = yield* repo.find(caller, documentId)
        if (Option.isNone(found)) return yield* new DocumentNotFound({ documentId })
        return found.value
      })

      const remove: Documents["Service"]["remove"] = Effect.fn("Documents.remove")(function*(caller, named) {
        const { id } = yield* get(caller, named)
        yield* removal.document(caller, id)
      })

      return Documents.of({ get, remove })
    })
  )
}
