import type { Asset } from "@sheaf/domain/documents/Asset"
import type { MetadataPatch } from "@sheaf/domain/documents/Metadata"
import type { AssetsListOptions } from "../areas/assets.ts"
import type { ChangedDocument, MetadataOptions, RenameOptions, ReplaceOptions } from "../areas/documentDetails.ts"
import type { CallOptions } from "../options.ts"
import type { Source } from "../upload/Source.ts"
import { type IngestCall, ingestedBy } from "./DocumentHandle.ts"
import type { PageCall } from "./PageCall.ts"
import { pages } from "./pages.ts"
import { type Abortable, callSite, type Runner } from "./Runner.ts"

type Call = CallOptions & Abortable

/** What people say about documents, and how these look. */
export interface DocumentDetailsClient {
  rename(documentId: string, name: string, options?: RenameOptions & Abortable): Promise<ChangedDocument>
  /** Sets fields; `null` removes one. */
  setMetadata(
    documentId: string,
    metadata: MetadataPatch,
    options?: MetadataOptions & Abortable
  ): Promise<ChangedDocument>
  /** Sends other bytes for a document. The version that serves goes on serving until the new one is published. */
  replace(documentId: string, source: Source, options?: ReplaceOptions & Abortable): IngestCall
  /** A PDF of the pages on which segments stand, with these highlighted, as a `Response`. Of PDFs alone. */
  citedPages(documentId: string, segmentIds: ReadonlyArray<string>, options?: Call): Promise<Response>
  /** The first page of a PDF as a WebP picture, as a `Response`. */
  thumbnail(documentId: string, options?: Call): Promise<Response>
  /** Pictures and files that were found in a document's published version, or in one of its segments. */
  assets(options: AssetsListOptions & Abortable): PageCall<Asset>
  /** The bytes of one, as a `Response`. They are what strangers put there: show them as pictures alone. */
  downloadAsset(documentId: string, hash: string, options?: Call): Promise<Response>
}

export const documentDetailsOf = (runner: Runner): DocumentDetailsClient => ({
  rename(documentId, name, options) {
    return runner.run(callSite(), (sheaf) => sheaf.documents.rename(documentId, name, options), options)
  },
  setMetadata(documentId, metadata, options) {
    return runner.run(callSite(), (sheaf) => sheaf.documents.setMetadata(documentId, metadata, options), options)
  },
  replace(documentId, source, { signal, ...options } = {}) {
    return ingestedBy(
      runner,
      (sheaf) => sheaf.documents.replace(documentId, source, options),
      { ...options, signal },
      callSite()
    )
  },
  citedPages(documentId, segmentIds, options) {
    return runner.run(callSite(), (sheaf) => sheaf.documents.citedPages(documentId, segmentIds, options), options)
  },
  thumbnail(documentId, options) {
    return runner.run(callSite(), (sheaf) => sheaf.documents.thumbnail(documentId, options), options)
  },
  assets(options) {
    return pages(runner, ({ documents }) => ({ list: documents.assets, all: documents.everyAsset }), options)
  },
  downloadAsset(documentId, hash, options) {
    return runner.run(callSite(), (sheaf) => sheaf.documents.downloadAsset(documentId, hash, options), options)
  }
})
