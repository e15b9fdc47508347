import { AppArchived, AppNotFound } from "@sheaf/domain/annotations/errors"
import type { AppId } from "@sheaf/domain/ids"
import type { Space } from "@sheaf/domain/spaces/Space"
import { Context, Effect, Layer, Option } from "effect"
import { AppsRepo, type Held, type ReplySettings } from "../repos/annotations/AppsRepo.ts"
import { AnnotationSync } from "./AnnotationSync.ts"
import type { By } from "./By.ts"

interface Wish {
  readonly enabled?: boolean | undefined
  readonly threshold?: number | undefined
  /** Where questions are to be compared. */
  readonly space?: Space | undefined
}

/** Whether and how apps answer. Part of the caller's transaction, which holds the app until its end. */
export class Replying extends Context.Service<Replying, {
  /**
   * What is left out stays. The first time, `own` is the space where none is named. What is owed then is owed by a job; while one space answers,
   * another is built beside it.
   */
  readonly set: (
    by: By,
    appId: AppId,
    wish: Wish & { readonly own: Space }
  ) => Effect.Effect<void, AppNotFound | AppArchived>
}>()("@sheaf/adapters/lifecycle/Replying") {
  static readonly layer = Layer.effect(
    Replying,
    Effect.gen(function*() {
      const apps = yield* AppsRepo
      const sync = yield* AnnotationSync

      const set: Replying["Service"]["set"] = Effect.fn("Replying.set")(
        function*({ tenantId }, appId, { enabled, own, space, threshold }) {
          const held = yield* apps.hold(tenantId, appId)
          if (Option.isNone(held)) return yield* new AppNotFound({ appId })
          const app = held.value
          if (app.archived) return yield* new AppArchived({ appId })
          const reply = enabled ?? app.reply
          const wanted = space ?? (reply && app.spaceId === null ? own : undefined)
          if (wanted !== undefined) yield* apps.addSpace(tenantId, wanted)
          yield* apps.setReply(tenantId, appId, {
            ...(wanted === undefined ? app : moved(app, wanted)),
            reply,
            threshold: threshold ?? app.threshold
          })
          if (reply) yield* sync.owe(tenantId, appId)
        }
      )

      return Replying.of({ set })
    })
  )
}

/** Every move is another epoch: each annotation is looked at again, and those whose vector is there cost nothing. */
const moved = (app: Held, { id }: Space): Pick<ReplySettings, "spaceId" | "nextSpaceId" | "epoch"> => {
  const { epoch, nextSpaceId, reply, spaceId } = app
  if (id === nextSpaceId) return { spaceId, nextSpaceId, epoch }
  if (id === spaceId) return { spaceId, nextSpaceId: null, epoch: nextSpaceId === null ? epoch : epoch + 1 }
  // Nothing answers now that would have to go on answering.
  if (spaceId === null || !reply) return { spaceId: id, nextSpaceId: null, epoch: epoch + 1 }
  return { spaceId, nextSpaceId: id, epoch: epoch + 1 }
}
