import type { Embedder, EmbedderUnavailable } from "@sheaf/adapters/embedding/Embedder"
import type { Owing } from "@sheaf/adapters/repos/annotations/AnnotationVectorsRepo"
import { Effect } from "effect"

export type Text = Pick<Owing, "question" | "hash">

/** What became of texts: vectors by hash, and those for which the embedder was not to be had. */
export interface Answered {
  readonly made: ReadonlyArray<readonly [hash: string, vector: Float32Array]>
  readonly late: ReadonlyArray<Text>
  readonly why?: EmbedderUnavailable
}

/** Texts of one request to the embedder. */
const batch = 32

/** Requests in vain, among those that look for the text that the embedder gives up on. Finding one of a batch takes five. */
const budget = 12

const nothing: Answered = { made: [], late: [] }

const both = (a: Answered, b: Answered): Answered => ({
  made: [...a.made, ...b.made],
  late: [...a.late, ...b.late],
  ...((a.why ?? b.why) !== undefined && { why: (a.why ?? b.why)! })
})

/** Questions that the embedder refuses (too long for it, nothing to embed in them) have no vector: they are matched by their words. */
const ask = (embedder: Embedder["Service"], texts: ReadonlyArray<Text>): Effect.Effect<Answered> =>
  texts.length === 0 ? Effect.succeed(nothing) : embedder.embedDocuments(texts.map(({ question }) => question)).pipe(
    Effect.map((vectors) => ({ made: vectors.map((vector, at) => [texts[at]!.hash, vector] as const), late: [] })),
    Effect.catchTags({
      EmbeddingRejected: ({ index }) => ask(embedder, texts.filter((_, at) => at !== index)),
      EmbedderUnavailable: (why) => Effect.succeed({ made: [], late: texts, why })
    })
  )

const isLate = ({ late }: Answered) => late.length > 0

/**
 * Embeds as many of the texts as can be. An embedder that gives up on a batch while it does well with another is asked for halves of it,
 * down to the text that it gives up on: the rest does not wait for that one. One that does nothing well is left alone.
 */
export const embedEach = Effect.fnUntraced(
  function*(embedder: Embedder["Service"], texts: ReadonlyArray<Text>): Effect.fn.Return<Answered> {
    const batches = Array.from(
      { length: Math.ceil(texts.length / batch) },
      (_, at) => texts.slice(at * batch, (at + 1) * batch)
    )
    const answers = yield* Effect.forEach(batches, (some) => ask(embedder, some), { concurrency: embedder.parallel })
    let left = budget
    const singleOut = Effect.fnUntraced(function*(answer: Answered, isWell: boolean): Effect.fn.Return<Answered> {
      const { late } = answer
      if (late.length <= 1 || left <= 0) return answer
      const middle = Math.ceil(late.length / 2)
      const halves = yield* Effect.forEach([late.slice(0, middle), late.slice(middle)], (half) => ask(embedder, half))
      const failed = halves.filter(isLate).length
      left -= failed
      // Neither half: it is the embedder, unless there was an answer to another batch.
      const found = failed === halves.length && !isWell
        ? halves
        : yield* Effect.forEach(halves, (half) => singleOut(half, true))
      return found.reduce(both, { ...answer, late: [] })
    })
    const isWell = answers.some(({ made }) => made.length > 0)
    const found = yield* Effect.forEach(answers, (answer) => singleOut(answer, isWell))
    return found.reduce(both, nothing)
  }
)
