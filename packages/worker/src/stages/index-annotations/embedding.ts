import type { EmbedderUnavailable } from "@sheaf/adapters/embedding/Embedder"
import { embedders } from "@sheaf/adapters/embedding/Embedders"
import {
  type AnnotationVector,
  AnnotationVectorsRepo,
  type Owing
} from "@sheaf/adapters/repos/annotations/AnnotationVectorsRepo"
import { guessLanguage, speaks } from "@sheaf/adapters/text/language"
import type { SpaceId, TenantId } from "@sheaf/domain/ids"
import { Effect, Option } from "effect"
import { type Answered, embedEach } from "./singlingOut.ts"

/** What some annotations get in a space. */
interface Embedded {
  /** Of those that can have one. */
  readonly vectors: ReadonlyArray<AnnotationVector>
  /** Hashes of questions that the embedder was not to be had for, and why: those go on owing. */
  readonly late: ReadonlySet<string>
  readonly why?: EmbedderUnavailable
}

/** Makes what some annotations lack in a space. Questions that the tenant has embedded there before cost nothing. */
export const makeEmbedding = Effect.gen(function*() {
  const { find } = yield* embedders
  const vectors = yield* AnnotationVectorsRepo

  return {
    /** Whether there is an embedder for the space. */
    isServed: (spaceId: SpaceId) => Option.isSome(find(spaceId)),
    embed: Effect.fnUntraced(
      function*(
        tenantId: TenantId,
        spaceId: SpaceId,
        owing: ReadonlyArray<Owing>
      ): Effect.fn.Return<Embedded> {
        const known = yield* vectors.known(tenantId, spaceId, owing.map(({ hash }) => hash))
        const embedder = Option.getOrUndefined(find(spaceId))
        const missing = embedder === undefined
          ? []
          : [...new Map(owing.map((one) => [one.hash, one])).values()].filter(({ hash, question }) =>
            !known.has(hash) && speaks(embedder.space.languages, guessLanguage(question))
          )
        const answer: Answered = embedder === undefined ? { made: [], late: [] } : yield* embedEach(embedder, missing)
        const all = new Map([...known, ...answer.made])
        return {
          vectors: owing.flatMap(({ hash, id }): ReadonlyArray<AnnotationVector> => {
            const vector = all.get(hash)
            return vector === undefined ? [] : [{ annotationId: id, hash, vector }]
          }),
          late: new Set(answer.late.map(({ hash }) => hash)),
          ...(answer.why !== undefined && { why: answer.why })
        }
      }
    )
  }
})
