import { Schema } from "effect"
import { DocumentFilter } from "../documents/ListFilter.ts"
import { DatasetId, DocumentId } from "../ids.ts"

/** Most documents that can be named in one call; a filter may find any number. */
export const maxNamed = 10_000

/**
 * Documents by their ids, of whatever datasets; or those of a dataset that fit a filter (all of them without one) when they are looked
 * at, which is soon after the call. What is accepted after the call is not among them.
 */
export const Selection = Schema.Union([
  Schema.Struct({ documentIds: Schema.Array(DocumentId).check(Schema.isBetweenLength(1, maxNamed)) }),
  Schema.Struct({ datasetId: DatasetId, filter: Schema.optionalKey(DocumentFilter) })
])
export type Selection = typeof Selection.Type
