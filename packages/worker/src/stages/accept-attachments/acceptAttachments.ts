import { assetKey, type BlobOwner, BlobStore, documentPrefix, rawKey } from "@sheaf/adapters/blobs/BlobStore"
import { supportedFormats, unreadable } from "@sheaf/adapters/formats/unreadable"
import { Accepting } from "@sheaf/adapters/lifecycle/Accepting"
import { type Attachment, AttachmentsRepo, type Parent } from "@sheaf/adapters/repos/documents/AttachmentsRepo"
import { DocumentsRepo } from "@sheaf/adapters/repos/documents/DocumentsRepo"
import { newId } from "@sheaf/adapters/repos/newId"
import { DocumentId } from "@sheaf/domain/ids"
import { Effect, Option, Stream } from "effect"
import * as Stage from "../../pipeline/Stage.ts"
import { ofBlobs } from "../failures.ts"
import { ownerOf } from "../owner.ts"

/** Files of one version that become documents. */
const maxAttachments = 100

/** How deep a file within a file within a file may be to become a document. */
const maxDepth = 3

/**
 * Makes documents of the files that are attached to a published version, once for each asset of the document: it is looked under the
 * document's lock whether that has happened, so no crash and no other run makes a second one. They are let in as everything is; what is
 * refused is a warning of the run.
 */
export const acceptAttachments = Effect.gen(function*() {
  const accepting = yield* Accepting
  const attachments = yield* AttachmentsRepo
  const blobs = yield* BlobStore
  const documents = yield* DocumentsRepo

  /** Null, or why the file is certainly nothing to read. */
  const unfit = Effect.fnUntraced(function*(owner: BlobOwner, { hash, name, size }: Attachment) {
    if (size === 0) return "it is empty"
    const head = yield* blobs.get(assetKey(owner, hash), { start: 0, end: Math.min(size, 4_096) }).pipe(
      Stream.runCollect,
      Effect.mapError(ofBlobs)
    )
    const type = unreadable(Buffer.concat(head), name ?? "")
    return type === null ? null : `there is no parser for ${type}; these are read: ${supportedFormats.join(", ")}`
  })

  /** Null, or why there is no document of it. */
  const accept = Effect.fnUntraced(function*(
    work: Stage.Work<"AcceptAttachments">,
    parent: Parent,
    attachment: Attachment
  ) {
    const { claim: { lane, tenantId }, job: { datasetId, documentId: parentId } } = work
    const problem = yield* unfit(ownerOf(work), attachment)
    if (problem !== null) return problem
    const { hash, mediaType, name } = attachment
    const owner = { tenantId, datasetId, documentId: yield* newId(DocumentId) }
    // The other document's own: what becomes of that is nothing to this one.
    const { size } = yield* blobs.put(rawKey(owner), blobs.get(assetKey(ownerOf(work), hash))).pipe(
      // An id that nobody had before.
      Effect.catchTag("BlobExists", Effect.die),
      Effect.mapError(ofBlobs)
    )
    const takeBack = Effect.ignore(blobs.removePrefix(documentPrefix(owner)), { log: "Warn" })
    const arrival = {
      ...owner,
      name: name ?? `attachment-${hash.slice(0, 8)}`,
      declaredType: mediaType.startsWith("text/") ? mediaType : null,
      size,
      contentHash: hash,
      metadata: parent.metadata,
      // The same file may be attached to many mails, and goes with each of them.
      ifSame: "new" as const,
      ifNameExists: "new" as const,
      lane,
      actor: parent.actor,
      attachedTo: { documentId: parentId, asset: hash }
    }
    return yield* accepting.accept(arrival, (letIn) =>
      work.write(Effect.gen(function*() {
        const held = yield* documents.lock(tenantId, parentId)
        if (Option.isNone(held) || held.value.deleting) return false
        if (yield* attachments.isAccepted(tenantId, parentId, hash)) return false
        yield* letIn
        return true
      }))).pipe(
        Effect.tap((isNew) => isNew ? Effect.void : takeBack),
        Effect.as(null),
        Effect.catchTags({
          DatasetNotFound: () => Effect.as(takeBack, null),
          MetadataInvalid: ({ message }) => Effect.as(takeBack, message),
          QuotaExceeded: ({ limit, quota }) => Effect.as(takeBack, `the limit for ${quota} (${limit}) is reached`),
          // None of these can be where nothing is to be replaced, nothing is set, and names and sameness do not matter.
          BadRequest: (error) => Effect.die(error),
          PipelineNotFound: (error) => Effect.die(error),
          DocumentExists: (error) => Effect.die(error),
          DocumentNameTaken: (error) => Effect.die(error),
          DocumentNotFound: (error) => Effect.die(error)
        })
      )
  })

  return Stage.make({
    handles: "AcceptAttachments",
    concurrency: 1,
    timeout: "10 minutes",
    run: Effect.fn("acceptAttachments")(function*(work) {
      const { claim: { tenantId }, job } = work
      const parent = yield* attachments.parent(tenantId, job)
      if (Option.isNone(parent)) return Stage.nothing
      const all = yield* attachments.ofRun(tenantId, job, maxAttachments)
      const owed = all.filter(({ accepted }) => !accepted)
      if (owed.length === 0) return Stage.nothing
      const warnings: Array<string> = []
      if (parent.value.depth >= maxDepth) {
        warnings.push(`files within files become documents ${maxDepth} deep: ${owed.length} attachments did not`)
      } else {
        for (const attachment of owed) {
          const problem = yield* accept(work, parent.value, attachment)
          if (problem !== null) warnings.push(`the attachment ${attachment.name ?? ""} became no document: ${problem}`)
        }
      }
      if (warnings.length === 0) return Stage.nothing
      return attachments.warn(tenantId, job.runId, warnings.map((detail) => ({ page: null, detail })))
    })
  })
})
