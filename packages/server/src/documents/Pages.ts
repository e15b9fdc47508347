import { BlobStore, contentKey, thumbnailKey } from "@sheaf/adapters/blobs/BlobStore"
import { PdfPages } from "@sheaf/adapters/pdf/PdfPages"
import { type Content, ContentsRepo } from "@sheaf/adapters/repos/documents/ContentsRepo"
import { SegmentsRepo } from "@sheaf/adapters/repos/segments/SegmentsRepo"
import type { Document } from "@sheaf/domain/documents/Document"
import { CannotShow, type DocumentNotFound } from "@sheaf/domain/documents/errors"
import type { Caller } from "@sheaf/domain/edge/Caller"
import type { DocumentId, SegmentId, TenantId } from "@sheaf/domain/ids"
import { SegmentNotFound } from "@sheaf/domain/segments/errors"
import { Context, Effect, Layer, Option, Stream } from "effect"
import { sharing } from "../edge/sharing.ts"
import { Documents } from "./Documents.ts"

interface Named {
  readonly documentId: DocumentId
}

/** Pixels across: enough for a list on a screen of high resolution. */
const thumbnailWidth = 320

const pdf = "application/pdf"

/** Pages of documents as people see them: of PDFs, and of the version that serves. */
export class Pages extends Context.Service<Pages, {
  /** A PDF of the pages on which segments stand, with their boxes highlighted. Segments must be ones that a search would show. */
  readonly cited: (
    caller: Caller,
    citation: Named & { readonly segmentIds: ReadonlyArray<SegmentId> }
  ) => Effect.Effect<
    { readonly name: string; readonly bytes: Uint8Array },
    DocumentNotFound | SegmentNotFound | CannotShow
  >
  /** The first page as a WebP picture. Made when it is first asked for, and kept with the document. */
  readonly thumbnail: (
    caller: Caller,
    document: Named
  ) => Effect.Effect<{ readonly etag: string; readonly bytes: Uint8Array }, DocumentNotFound | CannotShow>
}>()("@sheaf/server/documents/Pages") {
  static readonly layerNoDeps = Layer.effect(
    Pages,
    Effect.gen(function*() {
      const blobs = yield* BlobStore
      const contents = yield* ContentsRepo
      const documents = yield* Documents
      const pages = yield* PdfPages
      const segments = yield* SegmentsRepo

      const served = Effect.fnUntraced(function*({ tenantId }: Caller, document: Document) {
        const content = yield* Effect.orDie(Effect.flatMap(contents.served(tenantId, document.id), Effect.fromOption))
        if (content.mediaType === pdf) return content
        // Where nobody could say what it is, there is a reason for that.
        const failure = (content.mediaType === null ? document.run?.cause : null) ??
          { _tag: "Unsupported" as const, detectedType: content.mediaType ?? "not read yet" }
        return yield* new CannotShow({ documentId: document.id, failure })
      })

      const cited: Pages["Service"]["cited"] = Effect.fn("Pages.cited")(
        function*(caller, { documentId: named, segmentIds }) {
          const document = yield* documents.get(caller, { documentId: named })
          const { datasetId, id: documentId } = document
          const { tenantId } = caller
          let content = yield* served(caller, document)
          const look = Effect.map(
            segments.readable(caller, segmentIds),
            (found) => found.filter((segment) => segment.documentId === documentId)
          )
          let found = yield* look
          // Boxes belong to the bytes that their version was made of: another one may be published between the two looks.
          for (let now = yield* served(caller, document); now.contentId !== content.contentId;) {
            content = now
            found = yield* look
            now = yield* served(caller, document)
          }
          const missing = segmentIds.find((id) => !found.some(({ segmentId }) => segmentId === id.toLowerCase()))
          if (missing !== undefined) return yield* new SegmentNotFound({ segmentId: missing })
          const boxes = found.flatMap((segment) => segment.boxes)
          const bytes = yield* blobs.localFile(contentKey({ tenantId, datasetId, documentId }, content.contentId)).pipe(
            Effect.orDie,
            Effect.flatMap((path) => pages.cite(path, boxes)),
            Effect.scoped,
            Effect.catchTag("PdfRefused", ({ cause }) => new CannotShow({ documentId, failure: cause }))
          )
          return { name: citedName(document.name), bytes }
        }
      )

      /** The picture that is there, or a new one. Several who ask at once are given the same. */
      const render = yield* sharing((asked: string) =>
        Effect.result(Effect.gen(function*() {
          const { content, document, tenantId } = JSON.parse(asked) as Wanted
          const owner = { tenantId, ...document }
          const key = thumbnailKey(owner, content.contentId)
          if (Option.isSome(yield* Effect.orDie(blobs.size(key)))) return
          const picture = yield* blobs.localFile(contentKey(owner, content.contentId)).pipe(
            Effect.orDie,
            Effect.flatMap((path) => pages.thumbnail(path, thumbnailWidth)),
            Effect.scoped
          )
          yield* blobs.put(key, Stream.succeed(picture)).pipe(
            Effect.catchTag("BlobExists", () => Effect.void),
            Effect.orDie
          )
        }))
      )

      const thumbnail: Pages["Service"]["thumbnail"] = Effect.fn("Pages.thumbnail")(function*(caller, named) {
        const document = yield* documents.get(caller, named)
        const content = yield* served(caller, document)
        const { tenantId } = caller
        const owner = { datasetId: document.datasetId, documentId: document.id }
        const outcome = yield* render(JSON.stringify({ tenantId, document: owner, content } satisfies Wanted))
        if (outcome._tag === "Failure") {
          return yield* new CannotShow({ documentId: document.id, failure: outcome.failure.cause })
        }
        const chunks = yield* Effect.orDie(
          Stream.runCollect(blobs.get(thumbnailKey({ tenantId, ...owner }, content.contentId)))
        )
        return { etag: `"${content.contentHash}-${thumbnailWidth}"`, bytes: Buffer.concat(chunks) }
      })

      return Pages.of({ cited, thumbnail })
    })
  )
  static readonly layer = Layer.provide(this.layerNoDeps, PdfPages.layer())
}

interface Wanted {
  readonly tenantId: TenantId
  readonly document: { readonly datasetId: Document["datasetId"]; readonly documentId: DocumentId }
  readonly content: Content
}

/** What the pages are saved as. */
const citedName = (name: string): string => `${name.replace(/\.pdf$/i, "")} (cited pages).pdf`
