import { Schema } from "effect"
import { MetadataPatch } from "../documents/Metadata.ts"
import { Lane } from "../jobs/Job.ts"
import { Edits, RetryUnits, RunSettings } from "../runs/RunSettings.ts"

/** What can be done to many documents at once: the same as to one, with the same rules. */
export const BulkAction = Schema.TaggedUnion({
  Cancel: {},
  Pause: {},
  Resume: {},
  Retry: { units: Schema.optionalKey(RetryUnits), lane: Schema.optionalKey(Lane) },
  Prioritise: { lane: Lane },
  Enable: {},
  Disable: {},
  Archive: {},
  Unarchive: {},
  /** `null` removes a field; `merge` (the default) leaves those that are not named, `replace` removes them. */
  SetMetadata: { metadata: MetadataPatch, mode: Schema.optionalKey(Schema.Literals(["merge", "replace"])) },
  /** For good. */
  Delete: {},
  Run: {
    settings: Schema.optionalKey(RunSettings),
    keep: Schema.optionalKey(Schema.Boolean),
    lane: Schema.optionalKey(Lane),
    edits: Schema.optionalKey(Edits)
  }
})
export type BulkAction = typeof BulkAction.Type
