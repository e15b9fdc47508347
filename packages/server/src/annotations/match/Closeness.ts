import type { Embedder } from "@sheaf/adapters/embedding/Embedder"
import { embedders } from "@sheaf/adapters/embedding/Embedders"
import { AnnotationMatchesRepo } from "@sheaf/adapters/repos/annotations/AnnotationMatchesRepo"
import { guessLanguage, speaks } from "@sheaf/adapters/text/language"
import type { Without } from "@sheaf/domain/annotations/Match"
import type { AnnotationId } from "@sheaf/domain/ids"
import type { Space } from "@sheaf/domain/spaces/Space"
import { Context, Effect, Layer, Option } from "effect"
import { makeTail } from "./tail.ts"
import { VectorCache, type Wanted } from "./VectorCache.ts"

/** A question does without vectors where its own takes longer. */
const patience = "5 seconds"

/** Annotations whose exact vectors are read in one statement. */
const page = 16

export interface Close {
  readonly id: AnnotationId
  readonly score: number
}

interface Found {
  readonly close: ReadonlyArray<Close>
  readonly without?: Without
}

/** What of an app is close to a question, by vectors: memory proposes, the database has the last word. */
export class Closeness extends Context.Service<Closeness, {
  /** The closest first, up to so many; `owing` where some may not have their vectors yet. */
  readonly find: (
    wanted: Wanted & { readonly epoch: number; readonly owing: boolean },
    question: string,
    limit: number
  ) => Effect.Effect<Found>
}>()("@sheaf/server/annotations/match/Closeness") {
  static readonly layer = Layer.effect(
    Closeness,
    Effect.gen(function*() {
      const cache = yield* VectorCache
      const repo = yield* AnnotationMatchesRepo
      const tail = yield* makeTail
      const { find: embedderOf } = yield* embedders

      const embed = (embedder: Embedder["Service"], question: string) =>
        embedder.embedQuery(question).pipe(
          Effect.timeout(patience),
          Effect.asSome,
          Effect.catch((error) =>
            Effect.as(Effect.logWarning("a question was matched without the embedder", error), Option.none())
          )
        )

      /** Goes through contenders until enough of them are there. */
      const confirmed = Effect.fnUntraced(
        function*(wanted: Wanted, names: ReadonlyArray<AnnotationId>, vector: Float32Array, limit: number) {
          const { appId, space, tenantId } = wanted
          const close: Array<Close> = []
          for (let from = 0; from < names.length && close.length < limit; from += Math.max(page, limit)) {
            const ids = names.slice(from, from + Math.max(page, limit))
            const there = yield* repo.contenders(tenantId, appId, { spaceId: space.id, ids })
            const gone = ids.filter((id) => !there.has(id))
            if (gone.length > 0) yield* cache.forget(wanted, gone)
            for (const [id, other] of there) {
              // Its question has changed, and the vector of that is still to come.
              if (other !== null) close.push({ id, score: scoreOf(space, vector, other) })
            }
          }
          return close
        }
      )

      const find: Closeness["Service"]["find"] = Effect.fn("Closeness.find")(function*(wanted, question, limit) {
        const { owing, space } = wanted
        if (!speaks(space.languages, guessLanguage(question))) return { close: [], without: "language" }
        const embedder = embedderOf(space.id)
        const vector = Option.isNone(embedder) ? Option.none() : yield* embed(embedder.value, question)
        if (Option.isNone(embedder) || Option.isNone(vector)) return { close: [], without: "embedder" }
        const names = yield* cache.nearest(wanted, vector.value)
        const close = yield* confirmed(wanted, names, vector.value, limit)
        const late = owing ? yield* tail(wanted, embedder.value) : []
        const all = new Map(close.map((one) => [one.id, one]))
        for (const { id, vector: other } of late) all.set(id, { id, score: scoreOf(space, vector.value, other) })
        return { close: [...all.values()].sort(byScore).slice(0, limit) }
      })

      return Closeness.of({ find })
    })
  )
}

const byScore = (a: Close, b: Close): number => b.score - a.score || (a.id < b.id ? -1 : 1)

/** The cosine, of which what unrelated texts reach is 0, as in a search. */
const scoreOf = ({ cosineFloor }: Space, a: Float32Array, b: Float32Array): number => {
  let dot = 0
  let lengthA = 0
  let lengthB = 0
  for (let i = 0; i < a.length; i++) {
    dot += a[i]! * b[i]!
    lengthA += a[i]! * a[i]!
    lengthB += b[i]! * b[i]!
  }
  const cosine = dot / Math.sqrt(lengthA * lengthB)
  return Math.min(1, Math.max(0, (cosine - cosineFloor) / (1 - cosineFloor)))
}
