import type { Effect } from "effect"
import type { Document, DocumentProgress } from "@sheaf/domain/documents/Document"
import type { DoneOptions, IngestEvent, IngestOptions } from "../areas/Documents.ts"
import type { IngestedDocument } from "../areas/ingest.ts"
import type { Core } from "../makeSheaf.ts"
import type { Seen } from "../streams/watch.ts"
import type { Source } from "../upload/Source.ts"
import { type Abortable, type CallSite, callSite, type Runner } from "./Runner.ts"

export type IngestCallOptions = IngestOptions & Abortable
export type ProgressOptions = { readonly after?: Seen | undefined } & Abortable
export type ProgressIterable = AsyncIterable<DocumentProgress>

/** A document, to wait for or to watch. */
export interface DocumentHandle {
  readonly id: string
  /** Resolves to the published document, or rejects with a `DocumentFailed`. It has no time limit of its own. */
  done(options?: DoneOptions & Abortable): Promise<Document>
  /** Progress of the newest run until it is final; `after` is the last look that an earlier reader saw. */
  progress(options?: ProgressOptions): ProgressIterable
}

/** A document that was durably accepted: it will be built, whatever becomes of this program. */
export interface AcceptedDocument extends DocumentHandle {
  readonly runId: string | null
  readonly contentHash: string
  /** It was there before. */
  readonly reused: boolean
}

/** The promise of an accepted document; `done()` waits for the published one without awaiting it first. */
export type IngestCall = Promise<AcceptedDocument> & {
  done(options?: DoneOptions & Abortable): Promise<Document>
}

export const handleOf = (
  runner: Runner,
  id: string,
  defaults: { readonly onProgress?: ((event: IngestEvent) => void) | undefined } & Abortable = {}
): DocumentHandle => {
  const done: DocumentHandle["done"] = (options) => {
    const { signal, ...how } = { ...defaults, ...options }
    return runner.run(callSite(), (sheaf) => sheaf.documents.done(id, how), { signal })
  }
  const progress: DocumentHandle["progress"] = ({ after, signal } = {}) =>
    runner.iterate(callSite(), (sheaf) => sheaf.documents.progress(id, { after }), { signal })
  return { id, done, progress }
}

type Ingesting<E> = (sheaf: Core) => Effect.Effect<IngestedDocument, E>

/** The promise of a document that is on its way in, however it is sent. */
export const ingestedBy = <E>(
  runner: Runner,
  send: Ingesting<E>,
  { onProgress, signal }: Pick<IngestCallOptions, "onProgress" | "signal">,
  site: CallSite
): IngestCall => {
  const accepted = runner.run(site, send, { signal }).then(
    ({ contentHash, id, reused, runId }): AcceptedDocument => ({
      ...handleOf(runner, id, { onProgress }),
      contentHash,
      reused,
      runId
    })
  )
  const done: IngestCall["done"] = (how) =>
    accepted.then(({ id }) => {
      const { signal: given, ...rest } = { signal, onProgress, ...how }
      return runner.run(site, (sheaf) => sheaf.documents.done(id, rest), { signal: given })
    })
  return Object.assign(accepted, { done })
}

export const ingestCall = (
  runner: Runner,
  source: Source,
  { signal, ...options }: IngestCallOptions,
  site: CallSite
): IngestCall => ingestedBy(runner, (sheaf) => sheaf.documents.ingest(source, options), { ...options, signal }, site)
