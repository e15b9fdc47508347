import type { Embedder } from "@sheaf/adapters/embedding/Embedder"
import { embedders } from "@sheaf/adapters/embedding/Embedders"
import { analyzeQuery } from "@sheaf/adapters/text/analyzer"
import { speaks } from "@sheaf/adapters/text/language"
import { BadRequest } from "@sheaf/domain/edge/errors"
import type { SearchMode } from "@sheaf/domain/search/Search"
import type { Space } from "@sheaf/domain/spaces/Space"
import { Effect, Option } from "effect"

/** A hybrid search does without the vector of a question that takes longer. */
const patience = "5 seconds"

/** What a question means in one space: its words, and its vector where it has one there. */
export interface Question {
  readonly terms: ReadonlyArray<string>
  readonly weights: ReadonlyArray<number>
  readonly vector: Float32Array | undefined
  /** The embedder of the space speaks the question's language. */
  readonly spoken: boolean
  /** The vector is missing only because the embedder was down, or because there is none for this space. */
  readonly isDegraded: boolean
}

/**
 * Embeds a question only where that can help: not for keywords, not in a language that the model does not know, and with the embedder of the
 * space that is searched. Hybrid searches go on without an embedder that is down; vector searches cannot. In a space that no embedder
 * is configured for (its dataset is to be moved to another) there are words alone.
 */
export const makeAsk = Effect.gen(function*() {
  const { find } = yield* embedders

  const embed = (embedder: Embedder["Service"], text: string, mode: SearchMode) => {
    const embedded = Effect.map(embedder.embedQuery(text), (vector) => ({ vector, isDegraded: false }))
    return mode === "vector"
      ? Effect.catchTags(embedded, {
        EmbedderUnavailable: (error) => Effect.die(error),
        EmbeddingRejected: ({ detail }) => new BadRequest({ reason: `the embedder refused the text: ${detail}` })
      })
      : embedded.pipe(
        Effect.timeout(patience),
        Effect.catch((error) =>
          Effect.as(Effect.logWarning("a search did without the embedder", error), {
            vector: undefined,
            isDegraded: true
          })
        )
      )
  }

  return Effect.fnUntraced(function*(text: string, mode: SearchMode, space: Space) {
    const { language, terms, weights } = analyzeQuery(text)
    const words = mode === "vector" ? { terms: [], weights: [] } : { terms, weights }
    // Who asks for vectors alone gets them, whatever the language.
    const spoken = mode === "vector" || speaks(space.languages, language)
    const embedder = find(space.id)
    const found = mode === "keyword" || !spoken
      ? { vector: undefined, isDegraded: false }
      : Option.isNone(embedder)
      ? { vector: undefined, isDegraded: true }
      : yield* embed(embedder.value, text, mode)
    return { ...words, ...found, spoken } satisfies Question
  })
})
