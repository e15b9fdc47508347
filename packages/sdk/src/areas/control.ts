import type { EffectiveSettings } from "@sheaf/domain/documents/ControlRpcs"
import type { Preview, TextPreview } from "@sheaf/domain/documents/Preview"
import type { DatasetId, DocumentId } from "@sheaf/domain/ids"
import type { RecordedRun, Run } from "@sheaf/domain/runs/Run"
import type { Edits, RetryUnits, RunSettings } from "@sheaf/domain/runs/RunSettings"
import type { Effect } from "effect"
import type { Calls } from "../connection/Calls.ts"
import type { CallError } from "../connection/rpc.ts"
import type { CallOptions, MutationOptions, Page, PageOptions } from "../options.ts"
import type { Feed } from "../streams/Feed.ts"
import { pageOf } from "./Datasets.ts"
import { everyItem } from "./pages.ts"
import { passwordOf } from "./passwordOf.ts"

type Lane = "interactive" | "bulk"

export interface RetryOptions extends MutationOptions {
  /** `failed` (the default): what earlier runs parsed is used again; `all`: every page is parsed again. */
  readonly units?: RetryUnits
  /** `bulk` lets other work go first. */
  readonly lane?: Lane
}

export interface RunOptions extends MutationOptions {
  /** Laid over those of the dataset and of the document, value by value; `null` takes a value of the document back. */
  readonly settings?: RunSettings
  /** Whether the document keeps them for its later runs. Default true. */
  readonly keep?: boolean
  readonly lane?: Lane
  /** What becomes of segments that were changed by hand: done again where it fits (the default), or forgotten. */
  readonly edits?: Edits
  /** What a protected PDF is opened with, from this run on. The server keeps it sealed, and nobody can read it again. */
  readonly password?: string
}

export interface PreviewOptions extends CallOptions {
  /** Laid over those of the dataset and of the document, as by `run`. */
  readonly settings?: RunSettings
  /** Most segments, up to 50. Default 5. */
  readonly limit?: number
}

export interface RunsOptions extends PageOptions, CallOptions {}

/** The runs of a document. */
export interface RunControl {
  /** Builds the version again, with other settings if some are given. Only what they change is done again. */
  readonly run: (documentId: string, options?: RunOptions) => Effect.Effect<Run, CallError<"DocumentsRun">>
  /** With which settings the next run would be begun, and who decided each. */
  readonly settings: (
    documentId: string,
    options?: CallOptions
  ) => Effect.Effect<EffectiveSettings, CallError<"DocumentsSettings">>
  /** The first segments that a run with these settings would cut, of what an earlier run has parsed. Stores nothing. */
  readonly preview: (
    documentId: string,
    options?: PreviewOptions
  ) => Effect.Effect<Preview, CallError<"DocumentsPreview">>
  /** The first segments that a text would be cut into as a file of plain text in that dataset. Stores nothing. */
  readonly previewText: (
    datasetId: string,
    text: string,
    options?: PreviewOptions
  ) => Effect.Effect<TextPreview, CallError<"DocumentsPreviewText">>
  /** Builds the version again, reusing what still fits. */
  readonly retry: (documentId: string, options?: RetryOptions) => Effect.Effect<Run, CallError<"DocumentsRetry">>
  /** Stops the newest run for good; a published version goes on serving. */
  readonly cancel: (documentId: string, options?: MutationOptions) => Effect.Effect<Run, CallError<"DocumentsCancel">>
  /** Holds the newest run up, also what is at work for it, until it is resumed. */
  readonly pause: (documentId: string, options?: MutationOptions) => Effect.Effect<Run, CallError<"DocumentsPause">>
  readonly resume: (documentId: string, options?: MutationOptions) => Effect.Effect<Run, CallError<"DocumentsResume">>
  /** Moves what the newest run owes into a lane. */
  readonly prioritise: (
    documentId: string,
    lane: Lane,
    options?: MutationOptions
  ) => Effect.Effect<Run, CallError<"DocumentsPrioritise">>
  /** One page, newest first. */
  readonly runs: (
    documentId: string,
    options?: RunsOptions
  ) => Effect.Effect<Page<RecordedRun>, CallError<"DocumentsRuns">>
  readonly everyRun: (documentId: string, options?: RunsOptions) => Feed<RecordedRun, CallError<"DocumentsRuns">>
}

export const makeControl = (calls: Calls): RunControl => {
  const named = (documentId: string) => ({ documentId: documentId as DocumentId })
  const runs: RunControl["runs"] = (documentId, { cursor, limit, ...options } = {}) =>
    calls.query("DocumentsRuns", { ...named(documentId), ...pageOf({ cursor, limit }) }, options)
  const simple =
    (operation: "DocumentsCancel" | "DocumentsPause" | "DocumentsResume") =>
    (documentId: string, options?: MutationOptions) => calls.mutate(operation, named(documentId), options)

  return {
    runs,
    everyRun: (documentId, options = {}) => everyItem((page: RunsOptions) => runs(documentId, page), options),
    run: (documentId, { edits, keep, lane, password, settings, ...options } = {}) =>
      calls.mutate("DocumentsRun", {
        ...named(documentId),
        ...(settings !== undefined && { settings }),
        ...(keep !== undefined && { keep }),
        ...(lane !== undefined && { lane }),
        ...(edits !== undefined && { edits }),
        ...passwordOf(password)
      }, options),
    settings: (documentId, options) => calls.query("DocumentsSettings", named(documentId), options),
    preview: (documentId, { limit, settings, ...options } = {}) =>
      calls.query("DocumentsPreview", {
        ...named(documentId),
        ...(settings !== undefined && { settings }),
        ...(limit !== undefined && { limit })
      }, options),
    previewText: (datasetId, text, { limit, settings, ...options } = {}) =>
      calls.query("DocumentsPreviewText", {
        datasetId: datasetId as DatasetId,
        text,
        ...(settings !== undefined && { settings }),
        ...(limit !== undefined && { limit })
      }, options),
    retry: (documentId, { lane, units, ...options } = {}) =>
      calls.mutate("DocumentsRetry", {
        ...named(documentId),
        ...(units !== undefined && { units }),
        ...(lane !== undefined && { lane })
      }, options),
    cancel: simple("DocumentsCancel"),
    pause: simple("DocumentsPause"),
    resume: simple("DocumentsResume"),
    prioritise: (documentId, lane, options) =>
      calls.mutate("DocumentsPrioritise", { ...named(documentId), lane }, options)
  }
}
