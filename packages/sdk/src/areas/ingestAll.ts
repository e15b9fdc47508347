import type { Document } from "@sheaf/domain/documents/Document"
import { Effect } from "effect"
import type { Source } from "../upload/Source.ts"
import type { Documents, IngestOptions } from "./Documents.ts"
import type { DoneError } from "./done.ts"
import type { IngestError } from "./ingest.ts"

/** A source by itself, or with options of its own. */
export type BatchItem =
  | Source
  | ({ readonly source: Source } & Partial<Pick<IngestOptions, "name" | "metadata" | "sha256" | "onProgress">>)

export interface IngestAllOptions extends Omit<IngestOptions, "idempotencyKey" | "name" | "sha256" | "onProgress"> {
  /** Sources on their way at the same time. Default 4. */
  readonly concurrency?: number | undefined
  /** Wait for each document until it is published. Default true; otherwise until it is accepted. */
  readonly wait?: boolean | undefined
}

/** What became of one source. One that fails does not stop the others. */
export type IngestResult =
  | {
    readonly ok: true
    readonly item: BatchItem
    readonly id: string
    readonly reused: boolean
    /** The published document; `null` when it was not waited for. */
    readonly document: Document | null
  }
  | { readonly ok: false; readonly item: BatchItem; readonly error: IngestError | DoneError }

/** Ingests one source of many: never fails. */
export const ingestOne = (
  ingest: Documents["ingest"],
  item: BatchItem,
  options: IngestAllOptions
): Effect.Effect<IngestResult> => {
  const { source, ...own } = isWrapped(item) ? item : { source: item }
  return Effect.gen(function*() {
    const accepted = yield* ingest(source, { ...options, ...own })
    const document = options.wait ?? true ? yield* accepted.done() : null
    return { ok: true, item, id: accepted.id, reused: accepted.reused, document } as const
  }).pipe(Effect.catch((error) => Effect.succeed({ ok: false, item, error } as const)))
}

const isWrapped = (item: BatchItem): item is Extract<BatchItem, { readonly source: Source }> =>
  typeof item === "object" && "source" in item
