import type { Accepted } from "@sheaf/domain/documents/DocumentsRpcs"
import { Cause, Effect, Exit } from "effect"
import { type BlobOwner, type BlobStore, documentPrefix } from "./BlobStore.ts"

/**
 * Removes the bytes of an arrival that nobody needs: it was refused, or another document holds the same. After an interruption or a
 * defect they stay, for the transaction may have been committed all the same, and they are an accepted document's; if it was not, they
 * are an orphan that no reader can see.
 */
export const removeUnused =
  (blobs: BlobStore["Service"], owner: BlobOwner) =>
  <E>(exit: Exit.Exit<Pick<Accepted, "documentId">, E>): Effect.Effect<void> =>
    isUnused(exit, owner) ? Effect.ignore(blobs.removePrefix(documentPrefix(owner)), { log: "Warn" }) : Effect.void

const isUnused = <E>(exit: Exit.Exit<Pick<Accepted, "documentId">, E>, owner: BlobOwner): boolean =>
  Exit.isSuccess(exit)
    ? exit.value.documentId !== owner.documentId
    : exit.cause.reasons.every(Cause.isFailReason)
