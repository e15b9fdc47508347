import { Schema } from "effect"
import { Rpc, RpcGroup } from "effect/rpc"
import { DatasetNotFound } from "../datasets/errors.ts"
import { BadRequest } from "../edge/errors.ts"
import { mutation } from "../edge/mutation.ts"
import { Page, PageFields } from "../edge/page.ts"
import { DocumentId, RunId } from "../ids.ts"
import { Lane } from "../jobs/Job.ts"
import { PipelineNotFound } from "../pipelines/errors.ts"
import { RecordedRun, Run } from "../runs/Run.ts"
import { Edits, RetryUnits, RunSettings, SettingValue } from "../runs/RunSettings.ts"
import { SpaceNotServed } from "../spaces/errors.ts"
import { DocumentNotFound, StateConflict } from "./errors.ts"
import { Password } from "./Password.ts"
import { CannotPreview, Preview, PreviewFields, TextPreview, TextPreviewFields } from "./Preview.ts"

const named = { documentId: DocumentId } as const
const refused = Schema.Union([DocumentNotFound, StateConflict])

/** What the next run of a document would use, value by value, and what the newest one was begun with. */
export const EffectiveSettings = Schema.Struct({
  values: Schema.Array(SettingValue),
  newest: Schema.NullOr(Schema.Struct({ runId: RunId, values: Schema.Array(SettingValue) }))
})
export type EffectiveSettings = typeof EffectiveSettings.Type

/** The runs of a document: begun, stopped, held up, looked back on. */
export class ControlRpcs extends RpcGroup.make(
  /**
   * Builds the version again, with other settings if some are given: they are laid over those of the dataset and of the document, and
   * kept with the document for its later runs unless `keep` is false. Only what they change is done again: the same pages are not parsed
   * twice, the same text is not embedded twice. The version before serves until the new one is complete.
   */
  mutation("DocumentsRun", {
    payload: {
      ...named,
      settings: Schema.optionalKey(RunSettings),
      /** Default true. */
      keep: Schema.optionalKey(Schema.Boolean),
      /** Default `interactive`. */
      lane: Schema.optionalKey(Lane),
      /** Default `keep`. */
      edits: Schema.optionalKey(Edits),
      /** What the file is opened with, if it is protected; kept with the document for its later runs. Of PDFs alone. */
      password: Schema.optionalKey(Password)
    },
    success: Run,
    error: Schema.Union([DocumentNotFound, StateConflict, PipelineNotFound, BadRequest])
  }),
  /** With which settings a document is built, and who decided each. */
  Rpc.make("DocumentsSettings", { payload: named, success: EffectiveSettings, error: DocumentNotFound }),
  /**
   * The first segments that a run with these settings would cut, of what an earlier run has parsed. Stores nothing, embeds nothing; steps
   * that a pipeline has after cutting are left out.
   */
  Rpc.make("DocumentsPreview", {
    payload: PreviewFields,
    success: Preview,
    error: Schema.Union([DocumentNotFound, CannotPreview, PipelineNotFound, BadRequest])
  }),
  /**
   * The first segments that a text would be cut into if it were a file of plain text in that dataset. Stores nothing, embeds nothing; all
   * other steps of a pipeline are left out.
   */
  Rpc.make("DocumentsPreviewText", {
    payload: TextPreviewFields,
    success: TextPreview,
    error: Schema.Union([DatasetNotFound, SpaceNotServed, PipelineNotFound, BadRequest])
  }),
  /** Builds the version again with the settings it has. By default only what failed or was never come to is done again. */
  mutation("DocumentsRetry", {
    payload: { ...named, units: Schema.optionalKey(RetryUnits), lane: Schema.optionalKey(Lane) },
    success: Run,
    error: refused
  }),
  /** Stops the newest run for good; a published version goes on serving. */
  mutation("DocumentsCancel", { payload: named, success: Run, error: refused }),
  /** Holds the newest run up: what is at work for it stops within a second, and begins again when it is resumed. */
  mutation("DocumentsPause", { payload: named, success: Run, error: refused }),
  mutation("DocumentsResume", { payload: named, success: Run, error: refused }),
  /** Moves all work that the newest run still owes into a lane. */
  mutation("DocumentsPrioritise", { payload: { ...named, lane: Lane }, success: Run, error: refused }),
  /** All runs of a document, newest first. */
  Rpc.make("DocumentsRuns", {
    payload: { ...named, ...PageFields },
    success: Page(RecordedRun),
    error: Schema.Union([DocumentNotFound, BadRequest])
  })
) {}
