import { Schema } from "effect"
import { chunkingMethods } from "../datasets/chunkingMethods.ts"
import { TableColumns } from "../datasets/TableColumn.ts"
import { limits } from "../limits.ts"
import { PipelineChoice } from "../pipelines/PipelineChoice.ts"

/** A value that is given here; `null` takes back what was given before, so that the level below decides again. */
const given = <S extends Schema.Top>(value: S) => Schema.optionalKey(Schema.NullOr(value))

/** Most ranges of pages that can be wanted. */
export const maxRanges = 100

const page = Schema.Int.check(Schema.isBetween({ minimum: 1, maximum: limits.maxPages }))

/** Pages from `first` to `last`, both included, counted from 1. */
export const PageRange = Schema.Struct({ first: page, last: page }).check(
  Schema.makeFilter(({ first, last }) => first <= last || "a range of pages that does not end before it begins")
)
export type PageRange = typeof PageRange.Type

/** What text is read as, whatever it looks like. */
export const Markup = Schema.Literals(["plain", "markdown", "html"])
export type Markup = typeof Markup.Type

/** How a document is parsed. */
export const ParsingSettings = Schema.Struct({
  /** Means nothing to what is no text. Default: found by looking, with a hint from the client where that leaves it open. */
  markup: Schema.optionalKey(Markup),
  /** Only these pages, of formats that have some; in order and apart from each other. Default: all. */
  pages: Schema.optionalKey(Schema.Array(PageRange).check(Schema.isBetweenLength(1, maxRanges))),
  /** Whether a picture of each table of a PDF is kept as an asset. Default: it is. */
  tablePictures: Schema.optionalKey(Schema.Boolean)
})
export type ParsingSettings = typeof ParsingSettings.Type

/**
 * What of its settings a document or a run has of its own: laid over those of the dataset, value by value. Another `method` starts from
 * that method's defaults. Values are checked when all levels are together (`effective`), which names the field and its range.
 */
export const RunSettings = Schema.Struct({
  chunking: Schema.optionalKey(Schema.Struct({
    method: given(Schema.Literals(chunkingMethods)),
    unit: given(Schema.Literals(["tokens", "characters"])),
    maxTokens: given(Schema.Finite),
    softMaxTokens: given(Schema.Finite),
    combineUnder: given(Schema.Finite),
    overlap: given(Schema.Finite),
    parentMaxTokens: given(Schema.Finite),
    questionColumn: given(Schema.String),
    answerColumn: given(Schema.String),
    columns: given(TableColumns)
  })),
  parsing: Schema.optionalKey(Schema.Struct({
    markup: given(Markup),
    pages: given(Schema.Array(Schema.Struct({ first: Schema.Finite, last: Schema.Finite }))),
    tablePictures: given(Schema.Boolean)
  })),
  /** Its own parsing and cutting stand below what is said here, and above what the level below says. */
  pipeline: given(PipelineChoice)
})
export type RunSettings = typeof RunSettings.Type

/** What a re-run makes of segments that people edited, added or deleted: does it again where it fits, or forgets it. */
export const Edits = Schema.Literals(["keep", "discard"])
export type Edits = typeof Edits.Type

/** `failed`: what earlier runs parsed is used again; `all`: every page is parsed again. A text is embedded once, whichever it is. */
export const RetryUnits = Schema.Literals(["failed", "all"])
export type RetryUnits = typeof RetryUnits.Type

/** Who decided a value. */
export const Origin = Schema.Literals(["default", "dataset", "pipeline", "document", "run"])
export type Origin = typeof Origin.Type

/** One value of an effective configuration, such as `chunking.maxTokens`. */
export const SettingValue = Schema.Struct({ name: Schema.String, value: Schema.Json, origin: Origin })
export type SettingValue = typeof SettingValue.Type
