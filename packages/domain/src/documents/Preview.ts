import { Schema } from "effect"
import { DatasetId, DocumentId, RunId } from "../ids.ts"
import { RunSettings, SettingValue } from "../runs/RunSettings.ts"
import { AssetRef, Box } from "./Element.ts"
import { Metadata } from "./Metadata.ts"

/** Most segments of a preview. */
export const mostPreviewed = 50

/** A segment that would be made. It has no id, because there is none. */
export const PreviewedSegment = Schema.Struct({
  text: Schema.String,
  /** Titles above it, outermost first. */
  headingPath: Schema.Array(Schema.String),
  /** As the embedder of the dataset counts them. */
  tokens: Schema.Int,
  boxes: Schema.Array(Box),
  assets: Schema.Array(AssetRef),
  /** A `parent` is read and not searched; what follows it as a `child` is what it is found by. */
  family: Schema.optionalKey(Schema.Literals(["parent", "child"])),
  /** What is known of it by name, such as the cells of a table's row. */
  fields: Schema.optionalKey(Metadata)
})
export type PreviewedSegment = typeof PreviewedSegment.Type

/** How a text that was sent would be cut. */
export const TextPreview = Schema.Struct({
  /** The first ones, in order. */
  segments: Schema.Array(PreviewedSegment),
  /** Whether there would be others behind them. */
  more: Schema.Boolean,
  /** What would be left out on the way here, and what the preview itself leaves out; the first 20. */
  warnings: Schema.Array(Schema.String),
  /** With which settings, and who decided each: `run` is what the call has given. */
  values: Schema.Array(SettingValue)
})
export type TextPreview = typeof TextPreview.Type

/** How a document would be cut. */
export const Preview = Schema.Struct({
  /** The run whose pages were cut: parsing is not done again. */
  runId: RunId,
  ...TextPreview.fields
})
export type Preview = typeof Preview.Type

const asked = {
  /** Laid over those of the dataset and of the document, as for a run. */
  settings: Schema.optionalKey(RunSettings),
  /** Most segments. Default 5. */
  limit: Schema.optionalKey(Schema.Int.check(Schema.isBetween({ minimum: 1, maximum: mostPreviewed })))
} as const

/** What is asked for of a document. */
export const PreviewFields = { documentId: DocumentId, ...asked } as const

/** The same of a text without markup, which would become a document of a dataset. */
export const TextPreviewFields = {
  datasetId: DatasetId,
  text: Schema.String.check(Schema.isMaxLength(1_048_576)),
  ...asked
} as const

/** Why nothing can be shown without a run. */
export const PreviewObstacle = Schema.Literals(["notParsed", "otherParsing", "otherCleaning", "otherSpace"])
export type PreviewObstacle = typeof PreviewObstacle.Type

const reasons: { readonly [O in PreviewObstacle]: (documentId: string) => string } = {
  notParsed: (id) => `Document ${id} has not been parsed yet. Wait until it is, or look at why it failed.`,
  otherParsing: (id) =>
    `These settings change how document ${id} is parsed, which a preview does not do. Leave \`parsing\` out, or begin a run.`,
  otherCleaning: (id) =>
    `These settings have document ${id} go through other steps before it is cut, which a preview does not do. Begin a run.`,
  otherSpace: (id) => `The server has no embedder for the space of document ${id}, and so cannot count its tokens.`
}

/** Only a run can show what is asked for. */
export class CannotPreview extends Schema.TaggedError<CannotPreview>()("CannotPreview", {
  documentId: DocumentId,
  obstacle: PreviewObstacle
}) {
  override get message() {
    return reasons[this.obstacle](this.documentId)
  }
}
