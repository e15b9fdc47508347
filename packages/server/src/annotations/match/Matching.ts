import { AnnotationListsRepo } from "@sheaf/adapters/repos/annotations/AnnotationListsRepo"
import { AnnotationMatchesRepo, type Asked } from "@sheaf/adapters/repos/annotations/AnnotationMatchesRepo"
import { AppNotAnswering, AppNotFound } from "@sheaf/domain/annotations/errors"
import type { CloseAnnotation, MatchAnswer, Without } from "@sheaf/domain/annotations/Match"
import type { Caller } from "@sheaf/domain/edge/Caller"
import type { AnnotationId, AppId } from "@sheaf/domain/ids"
import { Context, Effect, Layer, Option } from "effect"
import { type Close, Closeness } from "./Closeness.ts"
import { HitLog } from "./HitLog.ts"

interface Question {
  readonly appId: AppId
  readonly question: string
}

/** How many are similar where nobody says it. */
const fewest = 5

/** Answers questions with annotations. */
export class Matching extends Context.Service<Matching, {
  readonly match: (caller: Caller, question: Question) => Effect.Effect<MatchAnswer, AppNotFound | AppNotAnswering>
  readonly similar: (
    caller: Caller,
    question: Question & { readonly threshold?: number; readonly limit?: number }
  ) => Effect.Effect<{ readonly items: ReadonlyArray<CloseAnnotation>; readonly without?: Without }, AppNotFound>
}>()("@sheaf/server/annotations/match/Matching") {
  static readonly layer = Layer.effect(
    Matching,
    Effect.gen(function*() {
      const closeness = yield* Closeness
      const lists = yield* AnnotationListsRepo
      const log = yield* HitLog
      const repo = yield* AnnotationMatchesRepo

      const ask = Effect.fnUntraced(function*({ tenantId }: Caller, { appId, question }: Question) {
        const asked = yield* repo.ask(tenantId, appId, question)
        if (Option.isNone(asked)) return yield* new AppNotFound({ appId })
        return asked.value
      })

      /** Without a space nothing has ever been indexed. */
      const closest = (caller: Caller, asked: Asked, { appId, question }: Question, limit: number) =>
        asked.space === null
          ? Effect.succeed({ close: [] })
          : closeness.find({ ...asked, space: asked.space, tenantId: caller.tenantId, appId }, question, limit)

      const shown = Effect.fnUntraced(function*({ tenantId }: Caller, { id, score }: Close, by: CloseAnnotation["by"]) {
        const found = yield* lists.find(tenantId, id)
        return Option.map(found, (annotation): CloseAnnotation => ({ annotation, score, by }))
      })

      const sameOf = (caller: Caller, id: AnnotationId | null) =>
        id === null ? Effect.succeedNone : shown(caller, { id, score: 1 }, "words")

      const best = Effect.fnUntraced(
        function*(caller: Caller, question: Question): Effect.fn.Return<MatchAnswer, AppNotFound | AppNotAnswering> {
          const { appId } = question
          const asked = yield* ask(caller, question)
          if (asked.archived) return yield* new AppNotAnswering({ appId, because: "archived" })
          if (!asked.reply) return yield* new AppNotAnswering({ appId, because: "replyOff" })
          const same = yield* sameOf(caller, asked.same)
          if (Option.isSome(same)) return { best: same.value, nearest: null }
          const { close: [first], ...found } = { without: undefined, ...yield* closest(caller, asked, question, 1) }
          const without = found.without === undefined ? {} : { without: found.without }
          if (first === undefined) return { best: null, nearest: null, ...without }
          if (first.score < asked.threshold) return { best: null, nearest: first.score, ...without }
          const answer = yield* shown(caller, first, "meaning")
          // It went between two statements: what is there now is another question.
          return Option.isSome(answer) ? { best: answer.value, nearest: null } : yield* best(caller, question)
        }
      )

      const match: Matching["Service"]["match"] = Effect.fn("Matching.match")(function*(caller, question) {
        const answer = yield* best(caller, question)
        if (answer.best !== null) {
          const { annotation, score } = answer.best
          const { actor, tenantId } = caller
          yield* log.offer({ tenantId, annotationId: annotation.id, question: question.question, score, actor })
        }
        return answer
      })

      const similar: Matching["Service"]["similar"] = Effect.fn("Matching.similar")(
        function*(caller, { limit = fewest, threshold, ...question }) {
          const asked = yield* ask(caller, question)
          const same = yield* sameOf(caller, asked.same)
          const { close, ...rest } = asked.reply
            ? yield* closest(caller, asked, question, limit)
            : { close: [] }
          const others = close.filter(({ id, score }) => id !== asked.same && score >= (threshold ?? asked.threshold))
          const found = yield* Effect.forEach(others, (one) => shown(caller, one, "meaning"))
          return { items: [same, ...found].flatMap(Option.toArray).slice(0, limit), ...rest }
        }
      )

      return Matching.of({ match, similar })
    })
  )
}
