import { BlobStore, rawKey } from "@sheaf/adapters/blobs/BlobStore"
import { removeUnused } from "@sheaf/adapters/blobs/removeUnused"
import { Accepting } from "@sheaf/adapters/lifecycle/Accepting"
import { QuotasRepo } from "@sheaf/adapters/repos/access/QuotasRepo"
import { newId } from "@sheaf/adapters/repos/newId"
import { cleanName } from "@sheaf/domain/documents/cleanName"
import { Accepted } from "@sheaf/domain/documents/DocumentsRpcs"
import { HashMismatch, UploadTooLarge } from "@sheaf/domain/documents/errors"
import { checkMetadata } from "@sheaf/domain/documents/fields"
import { DocumentId, type Sha256 } from "@sheaf/domain/ids"
import { Effect } from "effect"
import { Datasets } from "../../datasets/Datasets.ts"
import { Mutations } from "../../edge/Mutations.ts"
import { arrivalDefaults } from "../Arrivals.ts"
import { bounded, readable } from "../incoming.ts"
import type { Uploads } from "./Uploads.ts"

/** Documents that come whole, in one request. */
export const creating = Effect.fnUntraced(function*(maxBytes: number) {
  const blobs = yield* BlobStore
  const accepting = yield* Accepting
  const datasets = yield* Datasets
  const mutations = yield* Mutations
  const quotas = yield* QuotasRepo

  const create: Uploads["Service"]["create"] = Effect.fn("Uploads.create")(
    function*(caller, { bytes, idempotencyKey, length, sha256: expected, ...arrival }) {
      const { fields, id: datasetId } = yield* datasets.get(caller, arrival)
      const tooLarge = new UploadTooLarge({ limit: maxBytes })
      if ((length ?? 0) > maxBytes) return yield* tooLarge
      const { actor, tenantId } = caller
      const invalid = checkMetadata(fields, arrival.metadata ?? {})
      if (invalid !== null) return yield* invalid
      if (arrival.ifNameExists !== "replace") {
        yield* quotas.foresee(tenantId, { documents: 1, bytes: length ?? 0, segments: 1 })
      }
      const owner = { tenantId, datasetId, documentId: yield* newId(DocumentId) }
      const accept = Effect.fnUntraced(function*(size: number, contentHash: Sha256) {
        if (expected !== undefined && expected !== contentHash) {
          return yield* new HashMismatch({ expected, actual: contentHash })
        }
        const wishes = { ...arrivalDefaults, ...arrival, name: cleanName(arrival.name) }
        const mutation = {
          operation: "DocumentsCreate",
          idempotencyKey,
          payload: { ...wishes, contentHash },
          answer: Accepted
        }
        return yield* accepting.accept(
          { ...wishes, ...owner, declaredType: null, size, contentHash, actor },
          (accept) => mutations.once(caller, mutation, accept)
        ).pipe(Effect.catchTag("DocumentNotFound", Effect.die))
      })
      return yield* blobs.put(rawKey(owner), readable(bounded(bytes, maxBytes, tooLarge), arrival.name)).pipe(
        Effect.catchTag(["BlobStoreError", "BlobExists"], (error) => Effect.die(error)),
        Effect.flatMap(({ sha256, size }) => accept(size, sha256)),
        Effect.onExit(removeUnused(blobs, owner))
      )
    }
  )

  return { create }
})
