import { Effect, Schema } from "effect"
import { MetadataFields } from "../documents/fields.ts"
import { Actor } from "../edge/Caller.ts"
import { DatasetId } from "../ids.ts"
import { PipelineRef } from "../pipelines/PipelineChoice.ts"
import { ParsingSettings } from "../runs/RunSettings.ts"
import { Space } from "../spaces/Space.ts"
import { isStorable } from "../text.ts"
import { Timestamp } from "../time.ts"
import { TableColumns } from "./TableColumn.ts"

/** What the numbers of chunking may be. */
export const chunkingRanges = {
  maxTokens: { minimum: 16, maximum: 8_192 },
  softMaxTokens: { minimum: 16, maximum: 8_192 },
  combineUnder: { minimum: 0, maximum: 8_192 },
  overlap: { minimum: 0, maximum: 1_024 },
  parentMaxTokens: { minimum: 64, maximum: 8_192 }
} as const

/** What `parent-child` does where it is not told. */
export const familyDefaults = { maxTokens: 128, parentMaxTokens: 1_024 } as const

/** Most tokens of an answer. */
export const answerDefault = 4_096

const columnName = Schema.optionalKey(Schema.String.check(Schema.isBetweenLength(1, 200), isStorable))

/**
 * Shares of `general`'s `maxTokens` that its other sizes have where they are not given: 288 and 256 of 512 tokens, 384 and 256 of 512
 * characters. That of tokens is measured (docs/benchmarks.md, `chunking`).
 */
export const chunkingShares = {
  softMaxTokens: { tokens: 0.5625, characters: 0.75 },
  combineUnder: 0.5
} as const

const within = (range: { readonly minimum: number; readonly maximum: number }) =>
  Schema.optionalKey(Schema.Int.check(Schema.isBetween(range)))

/**
 * How documents are cut into segments. No segment is ever longer than the space's own limit, whatever is asked for here.
 * - `general`: by title; up to `maxTokens`, a new one after `softMaxTokens`, small neighbours combined below `combineUnder`;
 *   `overlap` repeats the end of a segment that had to be cut. With `unit: "characters"` all four count characters.
 * - `parent-child`: small children of at most `maxTokens` (128) are searched; each belongs to a parent of at most `parentMaxTokens`
 *   (1,024), which is what an answer is read from. Parents are not embedded: they may be longer than the space allows.
 * - `qa`: questions are searched, their answers are read: the rows of tables (columns by name, or the first two), `Q:` and `A:`, or
 *   titles with what stands under them. An answer has at most `maxTokens` (4,096).
 * - `table`: a row a segment; `columns` say what the cells are for, all that are not named are content.
 * - `page`: a page a segment, up to `maxTokens`; more than one where it has more.
 * - `whole`: the document is one segment, or as few as the limit allows.
 */
export const ChunkingSettings = Schema.Union([
  Schema.Struct({
    method: Schema.Literal("general"),
    unit: Schema.optionalKey(Schema.Literals(["tokens", "characters"])),
    maxTokens: within(chunkingRanges.maxTokens),
    softMaxTokens: within(chunkingRanges.softMaxTokens),
    combineUnder: within(chunkingRanges.combineUnder),
    overlap: within(chunkingRanges.overlap)
  }),
  Schema.Struct({
    method: Schema.Literal("parent-child"),
    maxTokens: within(chunkingRanges.maxTokens),
    parentMaxTokens: within(chunkingRanges.parentMaxTokens)
  }),
  Schema.Struct({
    method: Schema.Literal("qa"),
    maxTokens: within(chunkingRanges.maxTokens),
    questionColumn: columnName,
    answerColumn: columnName
  }),
  Schema.Struct({ method: Schema.Literal("table"), columns: Schema.optionalKey(TableColumns) }),
  Schema.Struct({ method: Schema.Literal("page"), maxTokens: within(chunkingRanges.maxTokens) }),
  Schema.Struct({ method: Schema.Literal("whole") })
])
export type ChunkingSettings = typeof ChunkingSettings.Type

/** `tenant`: every key of the tenant; `private`: the actor who made it, and keys with the scope `admin`. */
export const DatasetPermission = Schema.Literals(["tenant", "private"])

export const DatasetName = Schema.String.check(Schema.isBetweenLength(1, 120), Schema.isTrimmed(), isStorable)

/** A knowledge base. Counts are exact: they change in the transaction that changes what they count. */
export class Dataset extends Schema.Class<Dataset>("@sheaf/domain/datasets/Dataset/Dataset")({
  id: DatasetId,
  name: DatasetName,
  description: Schema.String,
  space: Space,
  chunking: ChunkingSettings,
  /** How its documents are parsed, unless they have settings of their own. */
  /** Absent, like `fields`, in answers that a release before this one has stored, which are replayed for a day. */
  parsing: ParsingSettings.pipe(Schema.withDecodingDefaultKey(Effect.succeed({}))),
  /** What its documents go through, unless they have a choice of their own; `null`: what everybody does. */
  pipeline: Schema.NullOr(PipelineRef).pipe(Schema.withDecodingDefaultKey(Effect.succeed(null))),
  permission: DatasetPermission,
  /** What the metadata of its documents must be like. */
  fields: MetadataFields.pipe(Schema.withDecodingDefaultKey(Effect.succeed([]))),
  documents: Schema.Int,
  segments: Schema.Int,
  tokens: Schema.Int,
  /** Bytes of the originals. */
  bytes: Schema.Finite,
  lastIngestedAt: Schema.NullOr(Timestamp),
  createdBy: Actor,
  createdAt: Timestamp
}) {}
