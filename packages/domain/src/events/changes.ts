import { Schema } from "effect"

/** What was changed of a document, besides its content. */
export const DocumentChange = Schema.Literals(["enabled", "disabled", "archived", "unarchived", "name", "metadata"])
export type DocumentChange = typeof DocumentChange.Type

/** What was done to segments of a published version by hand. */
export const SegmentsChange = Schema.Literals(["enabled", "disabled", "added", "edited", "deleted"])
export type SegmentsChange = typeof SegmentsChange.Type
