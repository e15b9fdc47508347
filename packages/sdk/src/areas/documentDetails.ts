import type { Metadata, MetadataPatch } from "@sheaf/domain/documents/Metadata"
import type { DocumentId } from "@sheaf/domain/ids"
import type { Effect } from "effect"
import type { Http, HttpError } from "../connection/Http.ts"
import { millis } from "../connection/Endpoint.ts"
import { retrying } from "../connection/retrying.ts"
import type { CallError, Success } from "../connection/rpc.ts"
import type { CallOptions, MutationOptions } from "../options.ts"
import type { Source } from "../upload/Source.ts"
import type { IngestOptions } from "./Documents.ts"
import { type IngestedDocument, type IngestError, type ReplaceError, replaceWith, type Services } from "./ingest.ts"

/** The document as it is now. `indexToken` is what a search can wait for: `search({ text, waitFor: indexToken })`. */
export type ChangedDocument = Success<"DocumentsRename">

export interface RenameOptions extends MutationOptions {
  /** When another document of the dataset has the name: have it too (the default), fail, or be `name (1).pdf`. */
  readonly ifNameExists?: "new" | "reject" | "rename"
  /** Fails with `Conflict` if the document is not at this `version` any more. */
  readonly ifVersion?: number
}

export interface MetadataOptions extends MutationOptions {
  /** `merge` (the default) leaves fields that are not named as they are, `replace` removes them. */
  readonly mode?: "merge" | "replace"
  readonly ifVersion?: number
}

export interface ReplaceOptions
  extends Pick<IngestOptions, "lane" | "password" | "sha256" | "onProgress">, MutationOptions
{
  /** Default: the name that it has. */
  readonly name?: string
  /** In place of all that it has. Default: as it is. */
  readonly metadata?: Metadata
}

/** What people say about documents, and how these look. */
export interface DocumentDetails {
  readonly rename: (
    documentId: string,
    name: string,
    options?: RenameOptions
  ) => Effect.Effect<ChangedDocument, CallError<"DocumentsRename">>
  /** Sets fields; `null` removes one. */
  readonly setMetadata: (
    documentId: string,
    metadata: MetadataPatch,
    options?: MetadataOptions
  ) => Effect.Effect<ChangedDocument, CallError<"DocumentsSetMetadata">>
  /** Sends other bytes for a document. The version that serves goes on serving until the new one is published. */
  readonly replace: (
    documentId: string,
    source: Source,
    options?: ReplaceOptions
  ) => Effect.Effect<IngestedDocument, IngestError | ReplaceError>
  /** A PDF of the pages on which segments stand, with these highlighted. Of PDFs alone. */
  readonly citedPages: (
    documentId: string,
    segmentIds: ReadonlyArray<string>,
    options?: CallOptions
  ) => Effect.Effect<Response, HttpError>
  /** The first page of a PDF as a WebP picture. */
  readonly thumbnail: (documentId: string, options?: CallOptions) => Effect.Effect<Response, HttpError>
}

export const makeDetails = (services: Services & { readonly http: Http }): DocumentDetails => {
  const { calls, endpoint, http } = services
  const idOf = (documentId: string) => documentId as DocumentId
  const get = (documentId: string, rest: string, options: CallOptions | undefined) => {
    const limit = options?.timeout === undefined ? {} : { limitMs: millis(options.timeout) }
    const path = `/documents/${encodeURIComponent(documentId)}/${rest}`
    return retrying(path, endpoint, http.send(path, { method: "GET", ...limit }))
  }
  return {
    rename: (documentId, name, { ifNameExists, ifVersion, ...options } = {}) =>
      calls.mutate("DocumentsRename", {
        documentId: idOf(documentId),
        name,
        ...(ifNameExists && { ifNameExists }),
        ...(ifVersion !== undefined && { ifVersion })
      }, options),
    setMetadata: (documentId, metadata, { ifVersion, mode, ...options } = {}) =>
      calls.mutate("DocumentsSetMetadata", {
        documentId: idOf(documentId),
        metadata,
        ...(mode && { mode }),
        ...(ifVersion !== undefined && { ifVersion })
      }, options),
    replace: (documentId, source, options = {}) => replaceWith(services, idOf(documentId), source, options),
    citedPages: (documentId, segmentIds, options) =>
      get(documentId, `cited-pages?segments=${segmentIds.map(encodeURIComponent).join(",")}`, options),
    thumbnail: (documentId, options) => get(documentId, "thumbnail", options)
  }
}
