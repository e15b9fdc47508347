import { embedders } from "@sheaf/adapters/embedding/Embedders"
import type { Embedder } from "@sheaf/adapters/embedding/Embedder"
import {
  type AnnotationVector,
  AnnotationVectorsRepo,
  type Owing
} from "@sheaf/adapters/repos/annotations/AnnotationVectorsRepo"
import { guessLanguage, speaks } from "@sheaf/adapters/text/language"
import type { SpaceId, TenantId } from "@sheaf/domain/ids"
import { Effect, Option } from "effect"
import type * as Stage from "../../pipeline/Stage.ts"
import { ofEmbedder } from "../failures.ts"

/** Texts of one request to the embedder. */
const batch = 32

type Text = Pick<Owing, "question" | "hash">

/** Makes what some annotations lack in a space. Questions that the tenant has embedded there before cost nothing. */
export const makeEmbedding = Effect.gen(function*() {
  const { find } = yield* embedders
  const vectors = yield* AnnotationVectorsRepo

  /** Questions that the embedder refuses (too long for it, nothing to embed in them) have none: they are matched by their words. */
  const vectorsOf = (
    embedder: Embedder["Service"],
    texts: ReadonlyArray<Text>
  ): Effect.Effect<ReadonlyArray<readonly [string, Float32Array]>, Stage.TryAgain> =>
    texts.length === 0 ? Effect.succeed([]) : embedder.embedDocuments(texts.map(({ question }) => question)).pipe(
      Effect.map((made) => made.map((vector, at) => [texts[at]!.hash, vector] as const)),
      Effect.catchTags({
        EmbeddingRejected: ({ index }) => vectorsOf(embedder, texts.filter((_, at) => at !== index)),
        EmbedderUnavailable: (error) => Effect.fail(ofEmbedder(error))
      })
    )

  return {
    /** Whether there is an embedder for the space. */
    isServed: (spaceId: SpaceId) => Option.isSome(find(spaceId)),
    /** The vectors of those that can have one. */
    embed: Effect.fnUntraced(function*(tenantId: TenantId, spaceId: SpaceId, owing: ReadonlyArray<Owing>) {
      const known = yield* vectors.known(tenantId, spaceId, owing.map(({ hash }) => hash))
      const embedder = find(spaceId)
      const made = new Map(known)
      if (Option.isSome(embedder)) {
        const { parallel, space } = embedder.value
        const missing = [...new Map(owing.map((one) => [one.hash, one])).values()].filter(({ hash, question }) =>
          !known.has(hash) && speaks(space.languages, guessLanguage(question))
        )
        const batches = Array.from(
          { length: Math.ceil(missing.length / batch) },
          (_, at) => missing.slice(at * batch, (at + 1) * batch)
        )
        const answers = yield* Effect.forEach(batches, (texts) => vectorsOf(embedder.value, texts), {
          concurrency: parallel
        })
        for (const [hash, vector] of answers.flat()) made.set(hash, vector)
      }
      return owing.flatMap(({ hash, id }): ReadonlyArray<AnnotationVector> => {
        const vector = made.get(hash)
        return vector === undefined ? [] : [{ annotationId: id, hash, vector }]
      })
    })
  }
})
