import { Removal } from "@sheaf/adapters/lifecycle/Removal"
import type { PageOptions } from "@sheaf/adapters/repos/datasets/DatasetsRepo"
import { DocumentsRepo } from "@sheaf/adapters/repos/documents/DocumentsRepo"
import type { DatasetNotFound } from "@sheaf/domain/datasets/errors"
import type { Document } from "@sheaf/domain/documents/Document"
import { DocumentNotFound } from "@sheaf/domain/documents/errors"
import type { DocumentStatus } from "@sheaf/domain/documents/status"
import type { Caller } from "@sheaf/domain/edge/Caller"
import type { BadRequest } from "@sheaf/domain/edge/errors"
import type { DatasetId, DocumentId, PageCursor } from "@sheaf/domain/ids"
import { Context, Effect, Layer, Option } from "effect"
import { Datasets } from "../datasets/Datasets.ts"
import { pageOr } from "../edge/pageOr.ts"

interface Named {
  readonly documentId: DocumentId
}

/** Documents. Changes are part of the caller's transaction. */
export class Documents extends Context.Service<Documents, {
  readonly get: (caller: Caller, document: Named) => Effect.Effect<Document, DocumentNotFound>
  readonly list: (
    caller: Caller,
    options: PageOptions & {
      readonly datasetId: DatasetId
      readonly status?: ReadonlyArray<DocumentStatus>
      readonly name?: string
      readonly withTotal?: boolean
    }
  ) => Effect.Effect<
    { readonly items: ReadonlyArray<Document>; readonly next?: PageCursor; readonly total?: number },
    DatasetNotFound | BadRequest
  >
  /** Invisible from the commit on. */
  readonly remove: (caller: Caller, document: Named) => Effect.Effect<void, DocumentNotFound>
}>()("@sheaf/server/documents/Documents") {
  static readonly layer = Layer.effect(
    Documents,
    Effect.gen(function*() {
      const datasets = yield* Datasets
      const repo = yield* DocumentsRepo
      const removal = yield* Removal

      const get: Documents["Service"]["get"] = Effect.fn("Documents.get")(function*(caller, { documentId }) {
        const found = yield* repo.find(caller, documentId)
        if (Option.isNone(found)) return yield* new DocumentNotFound({ documentId })
        return found.value
      })

      const list: Documents["Service"]["list"] = Effect.fn("Documents.list")(function*(caller, options) {
        yield* datasets.get(caller, options)
        return yield* pageOr(repo.list(caller, options))
      })

      const remove: Documents["Service"]["remove"] = Effect.fn("Documents.remove")(function*(caller, named) {
        const { id } = yield* get(caller, named)
        yield* removal.document(caller, id)
      })

      return Documents.of({ get, list, remove })
    })
  )
}
