import { embedders } from "@sheaf/adapters/embedding/Embedders"
import type { RunSegment } from "@sheaf/adapters/repos/segments/SegmentsRepo"
import { VectorsRepo } from "@sheaf/adapters/repos/segments/VectorsRepo"
import { embeddedText } from "@sheaf/adapters/text/embeddedText"
import { speaks } from "@sheaf/adapters/text/language"
import type { SegmentId, TenantId } from "@sheaf/domain/ids"
import type { Space } from "@sheaf/domain/spaces/Space"
import { Data, Effect, Option } from "effect"
import { ofEmbedder, otherSpace } from "./failures.ts"

/** What a vector is made of. */
type Embeddable = Pick<RunSegment, "id" | "text" | "headingPath" | "textHash" | "language">

/** The embedder of a space wants nothing of a segment. */
export class SegmentRefused extends Data.TaggedError("SegmentRefused")<{
  readonly space: Space
  readonly segmentId: SegmentId
  readonly detail: string
}> {}

/**
 * Makes the vectors that segments still need in a space, by the hash of their text. What the tenant has embedded there before costs nothing,
 * and a model makes nothing of a language that it does not speak: such a segment is found by its words alone.
 */
export const newVectors = Effect.gen(function*() {
  const { find } = yield* embedders
  const vectors = yield* VectorsRepo

  return Effect.fnUntraced(function*(tenantId: TenantId, space: Space, segments: ReadonlyArray<Embeddable>) {
    const spoken = segments.filter(({ language }) => speaks(space.languages, language))
    const known = yield* vectors.find(tenantId, space.id, spoken.map(({ textHash }) => textHash))
    const missing = [...new Map(spoken.map((segment) => [segment.textHash, segment])).values()]
      .filter(({ textHash }) => !known.has(textHash))
    if (missing.length === 0) return new Map<string, Float32Array>()
    // Vectors of another model must not be mixed in.
    const embedder = find(space.id)
    if (Option.isNone(embedder)) return yield* otherSpace(space)
    const made = yield* embedder.value.embedDocuments(missing.map(embeddedText)).pipe(
      Effect.mapError((error) =>
        error._tag === "EmbedderUnavailable"
          ? ofEmbedder(error)
          : new SegmentRefused({ space, segmentId: (missing[error.index] ?? missing[0]!).id, detail: error.detail })
      )
    )
    return new Map(missing.map((segment, index) => [segment.textHash, made[index]!]))
  })
})
