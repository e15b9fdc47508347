import { ProgressRepo } from "@sheaf/adapters/repos/documents/ProgressRepo"
import { Signals } from "@sheaf/adapters/signals/Signals"
import type { DocumentProgress } from "@sheaf/domain/documents/Document"
import type { Caller } from "@sheaf/domain/edge/Caller"
import { DocumentId } from "@sheaf/domain/ids"
import { Array as Arr, Clock, Context, Effect, Exit, Layer, Queue, type Scope, Stream } from "effect"
import { circleOf } from "../edge/circleOf.ts"

/** How a document stands; `null` before its first run, `undefined` where this caller sees none (any more). */
export type Look = DocumentProgress | null | undefined

/** Changes within this time are one look: a run that settles many units does not keep the database busy with its watchers. */
const gather = "20 millis"

/** Signals may be lost: who watches is given a look so often in any case. */
const pollMs = 1_000

/** Documents that one statement looks at. */
const together = 100

type Watcher = Queue.Queue<Exit.Exit<Look>>

interface Watched {
  /** With the number of the last look that had begun when they came: what was changed before one came, that one sees. */
  readonly watchers: Map<Watcher, number>
  lookedAt: number
}

/** Watchers who may see the same: what is read for one of them may be shown to all. */
interface Circle {
  readonly key: string
  readonly caller: Caller
  readonly documents: Map<DocumentId, Watched>
  readonly due: Set<DocumentId>
}

/**
 * Looks at documents for all who watch them in this process: one listener, one statement for many documents, and one look for all
 * watchers of a document who may see the same. A watcher who is slow finds the newest look, never a backlog.
 */
export class Looks extends Context.Service<Looks, {
  /** Answers an effect that waits for the next look; the first comes at once. */
  readonly follow: (
    caller: Caller,
    documentId: DocumentId
  ) => Effect.Effect<Effect.Effect<Look>, never, Scope.Scope>
}>()("@sheaf/server/documents/Looks") {
  static readonly layer = Layer.effect(
    Looks,
    Effect.gen(function*() {
      const repo = yield* ProgressRepo
      const signals = yield* Signals
      const circles = new Map<string, Circle>()
      const watching = new Map<DocumentId, Set<Circle>>()
      let begun = 0
      const wake = yield* Queue.sliding<void>(1)

      const changes = yield* signals.subscribe("RunChanged")
      yield* changes.pipe(
        Stream.runForEach(({ documentId }) =>
          Effect.sync(() => {
            for (const { due } of watching.get(documentId) ?? []) {
              due.add(documentId)
              Queue.offerUnsafe(wake, undefined)
            }
          })
        ),
        Effect.forkScoped
      )

      const look = Effect.fnUntraced(function*(circle: Circle, ids: ReadonlyArray<DocumentId>) {
        const now = yield* Clock.currentTimeMillis
        const number = ++begun
        const found = yield* Effect.exit(repo.look(circle.caller, ids))
        for (const id of ids) {
          const watched = circle.documents.get(id)
          if (watched === undefined) continue
          watched.lookedAt = now
          const seen = Exit.map(found, (looks): Look => looks.get(id))
          for (const [watcher, cameAfter] of watched.watchers) {
            if (cameAfter < number) Queue.offerUnsafe(watcher, seen)
          }
        }
      })

      const round = Effect.suspend(() =>
        Effect.forEach([...circles.values()], (circle) => {
          const ids = [...circle.due]
          circle.due.clear()
          return Effect.forEach(Arr.chunksOf(ids, together), (some) => look(circle, some), { discard: true })
        }, { concurrency: 4, discard: true })
      )

      yield* Queue.take(wake).pipe(
        Effect.andThen(Effect.sleep(gather)),
        Effect.andThen(round),
        Effect.forever,
        Effect.forkScoped
      )

      const poll = Effect.map(Clock.currentTimeMillis, (now) => {
        for (const { documents, due } of circles.values()) {
          for (const [id, { lookedAt }] of documents) if (now - lookedAt >= pollMs) due.add(id)
          if (due.size > 0) Queue.offerUnsafe(wake, undefined)
        }
      })
      yield* Effect.sleep(pollMs / 4).pipe(Effect.andThen(poll), Effect.forever, Effect.forkScoped)

      const enter = (caller: Caller, documentId: DocumentId, watcher: Watcher) => {
        const key = circleOf(caller)
        const circle = circles.get(key) ?? { key, caller, documents: new Map(), due: new Set() }
        circles.set(key, circle)
        const watched = circle.documents.get(documentId) ?? { watchers: new Map(), lookedAt: 0 }
        circle.documents.set(documentId, watched)
        watched.watchers.set(watcher, begun)
        watching.set(documentId, (watching.get(documentId) ?? new Set()).add(circle))
        circle.due.add(documentId)
        Queue.offerUnsafe(wake, undefined)
        return { circle, watched }
      }

      const leave = ({ circle, watched }: ReturnType<typeof enter>, documentId: DocumentId, watcher: Watcher) => {
        watched.watchers.delete(watcher)
        if (watched.watchers.size > 0) return
        circle.documents.delete(documentId)
        if (circle.documents.size === 0) circles.delete(circle.key)
        const others = watching.get(documentId)
        others?.delete(circle)
        if (others?.size === 0) watching.delete(documentId)
      }

      const follow: Looks["Service"]["follow"] = Effect.fnUntraced(function*(caller, named) {
        // As the database writes it: whatever the case in which the caller does.
        const documentId = DocumentId.make(named.toLowerCase())
        const watcher = yield* Queue.sliding<Exit.Exit<Look>>(1)
        yield* Effect.acquireRelease(
          Effect.sync(() => enter(caller, documentId, watcher)),
          (entered) => Effect.sync(() => leave(entered, documentId, watcher))
        )
        return Effect.flatten(Queue.take(watcher))
      })

      return Looks.of({ follow })
    })
  )
}
