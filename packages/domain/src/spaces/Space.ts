import { Schema } from "effect"
import { SpaceId } from "../ids.ts"

/**
 * An embedding space: everything that makes two vectors comparable. `id` is the hash of the other fields that change a
 * vector (provider, model, revision, dimension, prefixes, normalised, tokenizer), so a change of any of them is another space.
 */
export class Space extends Schema.Class<Space>("@sheaf/domain/spaces/Space/Space")({
  id: SpaceId,
  provider: Schema.String,
  model: Schema.String,
  revision: Schema.String,
  dimension: Schema.Int.check(Schema.isBetween({ minimum: 1, maximum: 16_000 })),
  queryPrefix: Schema.String,
  documentPrefix: Schema.String,
  normalised: Schema.Boolean,
  tokenizer: Schema.String,
  /** Most tokens of one input; segments are never longer. */
  maxTokens: Schema.Int,
  /** BCP 47 languages that the model speaks; `null` for all. A segment in another language is ranked by its words alone. */
  languages: Schema.NullOr(Schema.Array(Schema.String)),
  /** Share of the vector part in a hybrid score; measured for known models, `sheaf tune` finds it for others. */
  vectorWeight: Schema.Finite.check(Schema.isBetween({ minimum: 0, maximum: 1 })),
  /** Cosine that unrelated texts reach in this space: counts as zero similarity. */
  cosineFloor: Schema.Finite.check(Schema.isBetween({ minimum: -1, maximum: 0.999 }))
}) {}
