import type { Document, DocumentProgress } from "@sheaf/domain/documents/Document"
import type { IfNameExists, IfSame } from "@sheaf/domain/documents/DocumentsRpcs"
import type { Metadata } from "@sheaf/domain/documents/Metadata"
import type { DocumentId } from "@sheaf/domain/ids"
import type { RunSettings } from "@sheaf/domain/runs/RunSettings"
import type { Duration, Effect } from "effect"
import type { CallError } from "../connection/rpc.ts"
import type { CallOptions, DatasetRef, MutationOptions } from "../options.ts"
import { type Seen, watch, type WatchError } from "../streams/watch.ts"
import type { Source } from "../upload/Source.ts"
import type { DocumentAssets } from "./assets.ts"
import type { RunControl } from "./control.ts"
import type { DocumentDetails } from "./documentDetails.ts"
import { done, type DoneError } from "./done.ts"
import type { Downloads } from "./download.ts"
import type { DocumentSwitches } from "./visibility.ts"
import { ingest, type IngestedDocument, type IngestError, type Services } from "./ingest.ts"
import type { DocumentLists } from "./lists.ts"
import type { Feed } from "../streams/Feed.ts"

/** What happens to a source on its way, in this order; each of the first three may come many times or not at all. */
export type IngestEvent =
  /** Bytes that arrived, of all; `total` is `null` for a stream of unknown length. */
  | { readonly type: "uploading"; readonly sent: number; readonly total: number | null }
  /** From here on the work is the server's. `reused`: the dataset had the same content already. */
  | { readonly type: "accepted"; readonly documentId: string; readonly reused: boolean }
  /** Only while somebody waits with `done()`. */
  | { readonly type: "progress"; readonly progress: DocumentProgress }
  | { readonly type: "done"; readonly document: Document }

export interface IngestOptions extends MutationOptions {
  readonly dataset: DatasetRef
  /** Default: the source's own name, if it has one. */
  readonly name?: string
  readonly metadata?: Metadata
  /** When the dataset has the same bytes already: `reuse` that document (the default), `reject`, or make a `new` one. */
  readonly ifSame?: IfSame
  /**
   * When the dataset has a document of that name: make another (`new`, the default), `reject`, make it `name (1).pdf` (`rename`), or make
   * the bytes the new version of that document (`replace`), whose old version serves until the new one is published.
   */
  readonly ifNameExists?: IfNameExists
  /** `bulk` lets other work go first. */
  readonly lane?: "interactive" | "bulk"
  /** What the document has of its own from its first run on: laid over those of the dataset. */
  readonly settings?: RunSettings
  /** What a protected PDF is opened with. The server keeps it sealed, and nobody can read it again. */
  readonly password?: string
  /** Lower-case hex SHA-256 of the bytes: checked when the last one has arrived. */
  readonly sha256?: string
  readonly onProgress?: (event: IngestEvent) => void
}

export interface DoneOptions {
  /** The longest to wait. Default: as long as it takes. */
  readonly deadline?: Duration.Input | undefined
  readonly onProgress?: ((event: IngestEvent) => void) | undefined
}

/** Documents and the work on them. */
export interface Documents
  extends DocumentAssets, DocumentBasics, DocumentDetails, DocumentSwitches, RunControl, DocumentLists, Downloads
{}

/** What a page does that sends documents and waits for them. */
export interface DocumentBasics {
  /** Sends a source. Returns when the server has durably accepted it; the document's `done` waits for the rest. */
  readonly ingest: (source: Source, options: IngestOptions) => Effect.Effect<IngestedDocument, IngestError>
  /** Waits until the newest run has ended: gives the published document, or fails with the reason that there is none. */
  readonly done: (documentId: string, options?: DoneOptions) => Effect.Effect<Document, DoneError>
  /**
   * Progress of the newest run: how it stands, then changes, until it is final. Goes on by itself after a lost connection;
   * `after` is the last look seen by an earlier reader.
   */
  readonly progress: (
    documentId: string,
    options?: { readonly after?: Seen | undefined }
  ) => Feed<DocumentProgress, WatchError>
  readonly get: (documentId: string, options?: CallOptions) => Effect.Effect<Document, CallError<"DocumentsGet">>
  /** Invisible when this returns; the server then removes all that it holds. */
  readonly delete: (documentId: string, options?: MutationOptions) => Effect.Effect<void, CallError<"DocumentsDelete">>
}

export const makeDocuments = (services: Services): DocumentBasics => {
  const { calls } = services
  const idOf = (documentId: string) => documentId as DocumentId

  return {
    ingest: (source, options) => ingest(services, source, options),
    done: (documentId, options) => done(services, idOf(documentId), options),
    progress: (documentId, options) => watch(services, idOf(documentId), options?.after),
    get: (documentId, options) => calls.query("DocumentsGet", { documentId: idOf(documentId) }, options),
    delete: (documentId, options) => calls.mutate("DocumentsDelete", { documentId: idOf(documentId) }, options)
  }
}
