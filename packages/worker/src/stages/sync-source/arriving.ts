import { type BlobOwner, BlobStore, documentPrefix, rawKey } from "@sheaf/adapters/blobs/BlobStore"
import { Accepting } from "@sheaf/adapters/lifecycle/Accepting"
import { derivedId } from "@sheaf/adapters/repos/derivedId"
import type { SyncWork } from "@sheaf/adapters/repos/syncs/SyncsRepo"
import type { FailureCause } from "@sheaf/domain/documents/FailureCause"
import type { Metadata } from "@sheaf/domain/documents/Metadata"
import { DocumentId, type RunId, type SyncItemId } from "@sheaf/domain/ids"
import { Effect, Stream } from "effect"
import { createReadStream } from "node:fs"
import type { Work } from "../../pipeline/Stage.ts"
import { ofBlobs } from "../failures.ts"
import type { Snapshot } from "./snapshot.ts"
import { Stopped } from "./troubles.ts"

/** Bytes that are to be a document's, and what else is said of it. */
interface Version {
  readonly itemId: SyncItemId
  readonly snapshot: Snapshot
  readonly name: string
  readonly metadata: Metadata
  /** `null`: there is none yet. */
  readonly documentId: DocumentId | null
}

/** What came of it: `refused` says why there is no such version. `null`: the item's turn was over. */
export type Arrived =
  | { readonly documentId: DocumentId; readonly runId: RunId | null }
  | { readonly refused: FailureCause }
  | null

type Made = { readonly documentId: DocumentId; readonly runId: RunId | null }

/**
 * Bytes of a page become a document, or the next version of one, by the way that all documents come: the version before serves until the
 * new one is published. Their id follows from the sync, the item and the bytes, so an attempt that is done again finds what it has stored.
 */
export const arriving = Effect.gen(function*() {
  const accepting = yield* Accepting
  const blobs = yield* BlobStore

  return Effect.fn("syncSource.arrive")(function*(
    { claim, write }: Work<"SyncSource">,
    sync: SyncWork,
    version: Version,
    /** Whether the item may still have it: before the version is made, in the same transaction. */
    mayCome: Effect.Effect<boolean>,
    /** What else becomes true with it. */
    settle: (made: Made) => Effect.Effect<void>
  ) {
    const { documentId, itemId, metadata, name, snapshot: { contentHash, mediaType, path, size } } = version
    const made = DocumentId.make(derivedId("synced", sync.id, itemId, contentHash))
    const owner: BlobOwner = { tenantId: claim.tenantId, datasetId: sync.datasetId, documentId: made }
    const bytes = Stream.fromAsyncIterable<Uint8Array, unknown>(createReadStream(path), (cause) => cause)
    yield* blobs.put(rawKey(owner), Stream.orDie(bytes)).pipe(
      Effect.catchTag("BlobExists", () => Effect.void),
      Effect.mapError(ofBlobs)
    )
    const arrival = {
      ...owner,
      name,
      declaredType: mediaType,
      size,
      contentHash,
      metadata,
      // Pages that say the same are pages of their own.
      ifSame: "new" as const,
      ifNameExists: "new" as const,
      lane: claim.lane,
      actor: sync.actor,
      ...(documentId !== null && { replaces: documentId })
    }
    return yield* accepting.accept(arrival, (letIn) =>
      write(Effect.gen(function*() {
        if (!(yield* mayCome)) return null
        const { documentId, runId } = yield* letIn
        const made = { documentId, runId }
        yield* settle(made)
        // They were brought to the document that they are a version of. Gone before the commit: after it nobody would come back for them, and an
        // attempt that is done again stores them again.
        if (version.documentId !== null) yield* Effect.orDie(blobs.removePrefix(documentPrefix(owner)))
        return made
      }))).pipe(
        Effect.catchTags({
          DatasetNotFound: () => new Stopped({ cause: { _tag: "DatasetGone" } }),
          // Deleted at this moment: its sync is over.
          DocumentNotFound: () => Effect.succeed(null),
          QuotaExceeded: ({ limit, quota }) =>
            Effect.succeed({ refused: { _tag: "QuotaExceeded" as const, limit, quota } }),
          MetadataInvalid: ({ message }) =>
            Effect.succeed({
              refused: { _tag: "StepFailed" as const, step: "metadata", detail: message, retryable: false }
            }),
          // None of these can be where names and sameness do not matter and nothing is set.
          BadRequest: (error) => Effect.die(error),
          PipelineNotFound: (error) => Effect.die(error),
          DocumentExists: (error) => Effect.die(error),
          DocumentNameTaken: (error) => Effect.die(error)
        })
      )
  })
})
