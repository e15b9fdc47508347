import { AnnotationHitsRepo, type NewHit } from "@sheaf/adapters/repos/annotations/AnnotationHitsRepo"
import { Context, Effect, Layer, Queue } from "effect"

/** Hits that may wait for a busy database before the newest are left out. */
const room = 4_096

/** Hits written at a time. */
const batch = 200

/** Keeps who was answered what, without keeping anybody waiting. A hit may be lost where a process dies, an answer never. */
export class HitLog extends Context.Service<HitLog, {
  readonly offer: (hit: NewHit) => Effect.Effect<void>
}>()("@sheaf/server/annotations/match/HitLog") {
  static readonly layer = Layer.effect(
    HitLog,
    Effect.gen(function*() {
      const repo = yield* AnnotationHitsRepo
      const waiting = yield* Queue.dropping<NewHit>(room)
      yield* Queue.takeBetween(waiting, 1, batch).pipe(
        Effect.flatMap((hits) => repo.append(hits)),
        Effect.catchCause((cause) => Effect.logWarning("hits of annotations could not be kept", cause)),
        Effect.forever,
        Effect.forkScoped
      )
      return HitLog.of({ offer: (hit) => Effect.asVoid(Queue.offer(waiting, hit)) })
    })
  )
}
