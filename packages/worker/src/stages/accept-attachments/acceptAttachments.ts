import { assetKey, type BlobOwner, BlobStore, rawKey } from "@sheaf/adapters/blobs/BlobStore"
import { supportedFormats, unreadable } from "@sheaf/adapters/formats/unreadable"
import { Accepting } from "@sheaf/adapters/lifecycle/Accepting"
import { type Attachment, AttachmentsRepo, type Parent } from "@sheaf/adapters/repos/documents/AttachmentsRepo"
import { QuotasRepo } from "@sheaf/adapters/repos/access/QuotasRepo"
import { derivedId } from "@sheaf/adapters/repos/derivedId"
import { DocumentsRepo } from "@sheaf/adapters/repos/documents/DocumentsRepo"
import type { QuotaExceeded } from "@sheaf/domain/edge/errors"
import { DocumentId } from "@sheaf/domain/ids"
import { Effect, Option, Result, Stream } from "effect"
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
  const quotas = yield* QuotasRepo

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
    const { claim: { lane, tenantId }, job: { datasetId, documentId: parentId, runId } } = work
    const problem = yield* unfit(ownerOf(work), attachment)
    if (problem !== null) return problem
    const { hash, mediaType, name } = attachment
    // The same in every attempt, so that none leaves bytes behind; another run makes another one.
    const documentId = DocumentId.make(derivedId("attached", runId, hash))
    const owner = { tenantId, datasetId, documentId }
    const { size } = attachment
    const foreseen = yield* Effect.result(quotas.foresee(tenantId, { documents: 1, bytes: size, segments: 1 }))
    if (Result.isFailure(foreseen)) return overLimit(foreseen.failure)
    // A copy of its own: what becomes of the other document's is nothing to this one. Refused after all, it is swept as nobody's: whoever
    // took it away might have been overtaken by an attempt that was not refused.
    yield* blobs.put(rawKey(owner), blobs.get(assetKey(ownerOf(work), hash))).pipe(
      Effect.catchTag("BlobExists", () => Effect.void),
      Effect.mapError(ofBlobs)
    )
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
        if (Option.isNone(held) || held.value.deleting) return
        if (yield* attachments.isAccepted(tenantId, parentId, hash)) return
        // Accepted by an attempt before, and deleted since.
        if (yield* documents.exists(tenantId, documentId)) return
        yield* letIn
      }))).pipe(
        Effect.as(null),
        Effect.catchTags({
          DatasetNotFound: () => Effect.succeed(null),
          MetadataInvalid: ({ message }) => Effect.succeed(message),
          QuotaExceeded: (error) => Effect.succeed(overLimit(error)),
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

const overLimit = ({ limit, quota }: QuotaExceeded): string => `the limit for ${quota} (${limit}) is reached`
