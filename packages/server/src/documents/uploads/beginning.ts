import { QuotasRepo } from "@sheaf/adapters/repos/access/QuotasRepo"
import { DocumentSecretsRepo } from "@sheaf/adapters/repos/documents/DocumentSecretsRepo"
import { DocumentsRepo } from "@sheaf/adapters/repos/documents/DocumentsRepo"
import { type UploadOptions, UploadsRepo } from "@sheaf/adapters/repos/documents/UploadsRepo"
import { newId } from "@sheaf/adapters/repos/newId"
import { PipelinesRepo } from "@sheaf/adapters/repos/pipelines/PipelinesRepo"
import { puttingTogether } from "@sheaf/adapters/repos/pipelines/putTogether"
import { cleanName } from "@sheaf/domain/documents/cleanName"
import { DocumentNotFound, UploadTooLarge } from "@sheaf/domain/documents/errors"
import { checkMetadata } from "@sheaf/domain/documents/fields"
import type { Caller } from "@sheaf/domain/edge/Caller"
import { BadRequest } from "@sheaf/domain/edge/errors"
import { type DatasetId, DocumentId, type Sha256, UploadId } from "@sheaf/domain/ids"
import { Effect, Option, type Redacted } from "effect"
import { Datasets } from "../../datasets/Datasets.ts"
import { arrivalDefaults } from "../Arrivals.ts"
import { showing } from "./parts.ts"
import type { Uploads } from "./Uploads.ts"

/** An upload that is about to begin. */
interface Started {
  readonly datasetId: DatasetId
  readonly name: string
  readonly size?: number
  readonly sha256?: Sha256
  readonly options: UploadOptions
  readonly password?: Redacted.Redacted
}

/** Writes the row of an upload, its password sealed. */
const starting = Effect.fnUntraced(function*(maxBytes: number) {
  const passwords = yield* DocumentSecretsRepo
  const repo = yield* UploadsRepo
  const show = yield* showing(maxBytes)
  return Effect.fnUntraced(function*(caller: Caller, started: Started) {
    const { name, options, password, sha256 = null, size = null, ...rest } = started
    if (size !== null && size > maxBytes) return yield* new UploadTooLarge({ limit: maxBytes })
    const id = yield* newId(UploadId)
    const documentId = yield* newId(DocumentId)
    const sealed = password === undefined
      ? {}
      : yield* passwords.seal(caller.tenantId, documentId, password).pipe(
        Effect.mapBoth({
          onFailure: ({ message }) => new BadRequest({ reason: message }),
          onSuccess: (password) => ({ password })
        })
      )
    const inserted = { ...rest, id, documentId, name: cleanName(name), size, sha256 }
    yield* repo.insert(caller, { ...inserted, options: { ...options, ...sealed } })
    const row = yield* Effect.orDie(Effect.fromOption(yield* repo.find(caller.tenantId, id)))
    return show(row, 0)
  })
})

/** What a caller says of the bytes beforehand, as far as it does. */
const told = ({ password, sha256, size }: {
  readonly password: Redacted.Redacted | undefined
  readonly sha256: Sha256 | undefined
  readonly size: number | undefined
}) => ({
  ...(size !== undefined && { size }),
  ...(sha256 !== undefined && { sha256 }),
  ...(password !== undefined && { password })
})

/** Uploads begin: all that can be refused before a byte is sent is refused here. */
export const beginning = Effect.fnUntraced(function*(maxBytes: number) {
  const datasets = yield* Datasets
  const documents = yield* DocumentsRepo
  const quotas = yield* QuotasRepo
  const putTogether = puttingTogether(yield* PipelinesRepo)
  const start = yield* starting(maxBytes)

  const begin: Uploads["Service"]["begin"] = Effect.fn("Uploads.begin")(
    function*(caller, { datasetId, name, password, sha256, size, ...wishes }) {
      const dataset = yield* datasets.get(caller, { datasetId })
      const invalid = checkMetadata(dataset.fields, wishes.metadata ?? {})
      if (invalid !== null) return yield* invalid
      yield* putTogether(caller.tenantId, { dataset, document: {}, run: wishes.settings ?? {} })
      // All of this is decided when the last byte is there; what is clear now saves sending them.
      if (wishes.ifNameExists !== "replace") {
        yield* quotas.foresee(caller.tenantId, { documents: 1, bytes: size ?? 0, segments: 1 })
      }
      return yield* start(caller, {
        datasetId,
        name,
        ...told({ password, sha256, size }),
        options: { ...arrivalDefaults, ...wishes }
      })
    }
  )

  const replace: Uploads["Service"]["replace"] = Effect.fn("Uploads.replace")(
    function*(caller, { documentId, lane, metadata, name, password, sha256, size }) {
      const document = Option.getOrNull(yield* documents.find(caller, documentId))
      if (document === null) return yield* new DocumentNotFound({ documentId })
      const { datasetId } = document
      const { fields } = yield* Effect.mapError(
        datasets.get(caller, { datasetId }),
        () => new DocumentNotFound({ documentId })
      )
      const invalid = metadata === undefined ? null : checkMetadata(fields, metadata)
      if (invalid !== null) return yield* invalid
      yield* quotas.foresee(caller.tenantId, { bytes: Math.max(0, (size ?? 0) - document.size) })
      return yield* start(caller, {
        datasetId,
        name: name ?? document.name,
        ...told({ password, sha256, size }),
        options: {
          ...arrivalDefaults,
          ...(metadata !== undefined && { metadata }),
          ...(lane !== undefined && { lane }),
          replaces: documentId
        }
      })
    }
  )

  return { begin, replace }
})
