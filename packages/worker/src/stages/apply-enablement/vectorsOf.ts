import { embedders } from "@sheaf/adapters/embedding/Embedders"
import type { Embedder } from "@sheaf/adapters/embedding/Embedder"
import type { WantedSegment } from "@sheaf/adapters/repos/segments/OwedEntriesRepo"
import { VectorsRepo } from "@sheaf/adapters/repos/segments/VectorsRepo"
import { embeddedText } from "@sheaf/adapters/text/embeddedText"
import { speaks } from "@sheaf/adapters/text/language"
import type { FailureCause } from "@sheaf/domain/documents/FailureCause"
import type { Space } from "@sheaf/domain/spaces/Space"
import { Effect, Option } from "effect"
import type { Work } from "../../pipeline/Stage.ts"
import { ofEmbedder, otherSpace } from "../failures.ts"

/** Texts embedded at a time: what is made of them is stored before the next are begun. */
const batchSize = 32

/** Again without the one that was refused, until the others have their vectors. */
const embed = Effect.fnUntraced(function*(embedder: Embedder["Service"], segments: ReadonlyArray<WantedSegment>) {
  const refused = new Map<string, FailureCause>()
  while (true) {
    const batch = segments.filter(({ textHash }) => !refused.has(textHash))
    if (batch.length === 0) return { made: new Map<string, Float32Array>(), refused }
    const result = yield* Effect.result(embedder.embedDocuments(batch.map(embeddedText)))
    if (result._tag === "Success") {
      return { made: new Map(batch.map(({ textHash }, place) => [textHash, result.success[place]!])), refused }
    }
    if (result.failure._tag === "EmbedderUnavailable") return yield* ofEmbedder(result.failure)
    const { detail, index } = result.failure
    // The one named, or else all: so it ends whatever an embedder answers.
    const blamed = batch[index] === undefined ? batch : [batch[index]]
    for (const { textHash } of blamed) refused.set(textHash, { _tag: "EmbedderRejected", detail })
  }
})

/**
 * The vectors of segments in a space, by the hash of their text; those of a language that the embedder does not speak have none. What has
 * to be made is stored at once, unless its segments have gone meanwhile: `made` says whether there was any, so that time has passed and
 * what is wanted is to be read again. `refused` are texts that the embedder does not want, by their hash.
 */
export const vectorsOf = Effect.gen(function*() {
  const { find } = yield* embedders
  const vectors = yield* VectorsRepo

  return Effect.fnUntraced(function*(
    { claim: { tenantId }, write }: Work<"ApplyEnablement">,
    space: Space,
    segments: ReadonlyArray<WantedSegment>
  ) {
    const spoken = segments.filter(({ language }) => speaks(space.languages, language))
    const known = yield* vectors.find(tenantId, space.id, spoken.map(({ textHash }) => textHash))
    const missing = [...new Map(spoken.map((segment) => [segment.textHash, segment])).values()]
      .filter(({ textHash }) => !known.has(textHash))
    const refused = new Map<string, FailureCause>()
    if (missing.length === 0) return { known, refused, made: false }
    // Vectors of another model must not be mixed in.
    const embedder = find(space.id)
    if (Option.isNone(embedder)) return yield* otherSpace(space)
    for (let from = 0; from < missing.length; from += batchSize) {
      const embedded = yield* embed(embedder.value, missing.slice(from, from + batchSize))
      yield* write(vectors.saveWanted(tenantId, space.id, embedded.made))
      embedded.refused.forEach((cause, textHash) => refused.set(textHash, cause))
    }
    return { known, refused, made: refused.size < missing.length }
  })
})
