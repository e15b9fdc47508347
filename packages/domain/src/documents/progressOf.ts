import { type Document, DocumentProgress } from "./Document.ts"

/** One look at the work on a document, whose run is in its state `since`; `null` before the first run. */
export const progressOf = ({ id, pages, run, segments, status }: Document, since: Date): DocumentProgress | null =>
  run === null ? null : new DocumentProgress({
    documentId: id,
    runId: run.id,
    revision: run.revision,
    status,
    state: run.state,
    since,
    waitingFor: run.waitingFor,
    stages: run.progress,
    cause: run.cause,
    timings: run.timings,
    pages,
    segments
  })
