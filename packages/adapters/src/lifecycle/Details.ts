import { cleanName } from "@sheaf/domain/documents/cleanName"
import { DocumentNameTaken, DocumentNotFound, MetadataInvalid } from "@sheaf/domain/documents/errors"
import { checkChange } from "@sheaf/domain/documents/fields"
import { maxFields, type Metadata, type MetadataPatch } from "@sheaf/domain/documents/Metadata"
import { Conflict } from "@sheaf/domain/edge/errors"
import type { DocumentId } from "@sheaf/domain/ids"
import { Context, Effect, Layer, Option } from "effect"
import { ContentsRepo } from "../repos/documents/ContentsRepo.ts"
import { type Details as Row, DetailsRepo } from "../repos/documents/DetailsRepo.ts"
import { EventsRepo } from "../repos/events/EventsRepo.ts"
import type { By } from "./By.ts"
import { IndexSync } from "./IndexSync.ts"

/** A document that is to be changed. */
export interface Named {
  readonly documentId: DocumentId
  /** The version that the caller knows. */
  readonly ifVersion?: number
}

export interface NewName {
  readonly name: string
  /** What happens if another document of the dataset is called so. */
  readonly ifNameExists?: "new" | "reject" | "rename"
}

export interface NewMetadata {
  /** `null` removes a field. */
  readonly metadata: MetadataPatch
  /** Whether other fields stay. Default `merge`. */
  readonly mode?: "merge" | "replace"
}

/**
 * What people say about documents. Every method is part of the caller's transaction and answers the generation that the index must have
 * reached for searches to know it.
 */
export class Details extends Context.Service<Details, {
  readonly rename: (
    by: By,
    change: Named & NewName
  ) => Effect.Effect<number, DocumentNotFound | DocumentNameTaken | Conflict>
  readonly setMetadata: (
    by: By,
    change: Named & NewMetadata
  ) => Effect.Effect<number, DocumentNotFound | MetadataInvalid | Conflict>
}>()("@sheaf/adapters/lifecycle/Details") {
  static readonly layer = Layer.effect(
    Details,
    Effect.gen(function*() {
      const contents = yield* ContentsRepo
      const events = yield* EventsRepo
      const repo = yield* DetailsRepo
      const sync = yield* IndexSync

      const hold = Effect.fnUntraced(function*({ tenantId }: By, { documentId, ifVersion }: Named) {
        const found = yield* repo.lock(tenantId, documentId)
        if (Option.isNone(found)) return yield* new DocumentNotFound({ documentId })
        const { version } = found.value
        if (ifVersion !== undefined && ifVersion !== version) return yield* new Conflict({ currentVersion: version })
        return found.value
      })

      const changed = (
        { tenantId }: By,
        datasetId: Row["datasetId"],
        { documentId }: Named,
        change: "name" | "metadata"
      ) => events.append(tenantId, { _tag: "DocumentChanged", datasetId, documentId, changes: [change] })

      /** The name that the document may have. Names are locked before rows: the dataset is asked for without a lock first. */
      const nameFor = Effect.fnUntraced(function*(
        { tenantId }: By,
        { documentId }: Named,
        wanted: string,
        policy: "new" | "reject" | "rename"
      ) {
        if (policy === "new") return wanted
        const place = yield* repo.find(tenantId, documentId)
        if (Option.isNone(place)) return yield* new DocumentNotFound({ documentId })
        const { datasetId } = place.value
        yield* contents.lockName(tenantId, datasetId, wanted)
        const named = yield* contents.findNamed(tenantId, datasetId, wanted)
        if (Option.isNone(named) || named.value.documentId === documentId) return wanted
        return policy === "rename"
          ? yield* contents.freeName(tenantId, datasetId, wanted)
          : yield* new DocumentNameTaken({ documentId: named.value.documentId, name: wanted })
      })

      const rename: Details["Service"]["rename"] = Effect.fn("Details.rename")(
        function*(by, { ifNameExists = "new", name: sent, ...named }) {
          const name = yield* nameFor(by, named, cleanName(sent), ifNameExists)
          const { datasetId } = yield* hold(by, named)
          yield* repo.set(by.tenantId, named.documentId, { name })
          yield* changed(by, datasetId, named, "name")
          return yield* sync.touch(by.tenantId, named.documentId, { all: false })
        }
      )

      const setMetadata: Details["Service"]["setMetadata"] = Effect.fn("Details.setMetadata")(
        function*(by, { metadata: patch, mode = "merge", ...named }) {
          const before = yield* hold(by, named)
          const metadata = patched(before, patch, mode)
          const invalid = tooMany(metadata) ?? checkChange(before.fields, before.metadata, metadata)
          if (invalid !== null) return yield* invalid
          yield* repo.set(by.tenantId, named.documentId, { metadata })
          yield* changed(by, before.datasetId, named, "metadata")
          return yield* sync.touch(by.tenantId, named.documentId, { all: false })
        }
      )

      return Details.of({ rename, setMetadata })
    })
  )
}

const patched = ({ metadata }: Row, patch: MetadataPatch, mode: "merge" | "replace"): Metadata => {
  const changed: ReadonlyArray<readonly [string, Metadata[string] | null]> = Object.entries({
    ...(mode === "merge" && metadata),
    ...patch
  })
  return Object.fromEntries(changed.flatMap(([name, value]) => value === null ? [] : [[name, value]]))
}

const tooMany = (metadata: Metadata): MetadataInvalid | null => {
  const field = Object.keys(metadata)[maxFields]
  return field === undefined
    ? null
    : new MetadataInvalid({
      problems: [{ field, problem: `is one more than the ${maxFields} that a document may have` }]
    })
}
