import { embedders } from "@sheaf/adapters/embedding/Embedders"
import { Annotating } from "@sheaf/adapters/lifecycle/Annotating"
import { Replying } from "@sheaf/adapters/lifecycle/Replying"
import { AppsRepo } from "@sheaf/adapters/repos/annotations/AppsRepo"
import type { PageOptions } from "@sheaf/adapters/repos/datasets/DatasetsRepo"
import { type App, defaultThreshold } from "@sheaf/domain/annotations/App"
import { type AppArchived, AppNameTaken, AppNotFound } from "@sheaf/domain/annotations/errors"
import type { Caller } from "@sheaf/domain/edge/Caller"
import type { BadRequest } from "@sheaf/domain/edge/errors"
import type { AppId, PageCursor, SpaceId } from "@sheaf/domain/ids"
import { SpaceNotServed } from "@sheaf/domain/spaces/errors"
import { Context, Effect, Layer, Option } from "effect"
import { pageOr } from "../edge/pageOr.ts"

interface Named {
  readonly appId: AppId
}

/** What has curated answers of its own. Changes are part of the caller's transaction. */
export class Apps extends Context.Service<Apps, {
  readonly create: (
    caller: Caller,
    app: { readonly name: string; readonly description?: string; readonly threshold?: number }
  ) => Effect.Effect<App, AppNameTaken>
  readonly get: (caller: Caller, app: Named) => Effect.Effect<App, AppNotFound>
  readonly list: (
    caller: Caller,
    options: PageOptions & { readonly name?: string; readonly archived?: boolean }
  ) => Effect.Effect<{ readonly items: ReadonlyArray<App>; readonly next?: PageCursor }, BadRequest>
  readonly update: (
    caller: Caller,
    change: Named & { readonly name?: string; readonly description?: string }
  ) => Effect.Effect<App, AppNotFound | AppNameTaken>
  readonly setReply: (
    caller: Caller,
    wish: Named & { readonly enabled?: boolean; readonly threshold?: number; readonly spaceId?: SpaceId }
  ) => Effect.Effect<App, AppNotFound | AppArchived | SpaceNotServed>
  readonly archive: (caller: Caller, app: Named) => Effect.Effect<App, AppNotFound>
  readonly unarchive: (caller: Caller, app: Named) => Effect.Effect<App, AppNotFound>
  readonly remove: (caller: Caller, app: Named) => Effect.Effect<void, AppNotFound>
}>()("@sheaf/server/annotations/Apps") {
  static readonly layer = Layer.effect(
    Apps,
    Effect.gen(function*() {
      const annotating = yield* Annotating
      const replying = yield* Replying
      const repo = yield* AppsRepo
      const { all, find, own } = yield* embedders

      const get: Apps["Service"]["get"] = Effect.fn("Apps.get")(function*({ tenantId }, { appId }) {
        const found = yield* repo.find(tenantId, appId)
        if (Option.isNone(found)) return yield* new AppNotFound({ appId })
        return found.value
      })

      const nameTaken = Effect.fnUntraced(function*({ tenantId }: Caller, name: string) {
        const owner = yield* repo.idOfName(tenantId, name)
        // Gone in the meantime, on a database with several sessions: the caller may try again.
        if (Option.isNone(owner)) return yield* Effect.die(new Error(`the name ${name} was taken and is free again`))
        return yield* new AppNameTaken({ name, appId: owner.value })
      })

      const create: Apps["Service"]["create"] = Effect.fn("Apps.create")(
        function*(caller, { description = "", name, threshold = defaultThreshold }) {
          const made = yield* repo.insert(caller, { name, description, threshold })
          if (Option.isNone(made)) return yield* nameTaken(caller, name)
          return yield* Effect.orDie(get(caller, { appId: made.value }))
        }
      )

      /** Nobody else changes it until the end of the transaction. */
      const held = Effect.fnUntraced(function*({ tenantId }: Caller, { appId }: Named) {
        if (Option.isNone(yield* repo.hold(tenantId, appId))) return yield* new AppNotFound({ appId })
      })

      const update: Apps["Service"]["update"] = Effect.fn("Apps.update")(function*(caller, { appId, ...change }) {
        yield* held(caller, { appId })
        const outcome = yield* repo.rename(caller.tenantId, appId, change)
        // Only a change of the name can find it taken.
        if (outcome === "nameTaken") return yield* nameTaken(caller, change.name ?? "")
        return yield* get(caller, { appId })
      })

      const setReply: Apps["Service"]["setReply"] = Effect.fn("Apps.setReply")(
        function*(caller, { appId, enabled, spaceId, threshold }) {
          const embedder = find(spaceId ?? own.space.id)
          if (spaceId !== undefined && Option.isNone(embedder)) {
            const served = all.map(({ space: { id, model } }) => ({ id, model }))
            return yield* new SpaceNotServed({ spaceId, served })
          }
          const space = spaceId === undefined || Option.isNone(embedder) ? undefined : embedder.value.space
          yield* replying.set(caller, appId, { enabled, threshold, space, own: own.space })
          return yield* get(caller, { appId })
        }
      )

      const setArchived = (archived: boolean) =>
        Effect.fn("Apps.setArchived")(function*(caller: Caller, app: Named) {
          yield* held(caller, app)
          yield* repo.setArchived(caller.tenantId, app.appId, archived)
          return yield* get(caller, app)
        })

      return Apps.of({
        create,
        get,
        list: ({ tenantId }, options) => pageOr(repo.list(tenantId, options)),
        update,
        setReply,
        archive: setArchived(true),
        unarchive: setArchived(false),
        remove: (caller, { appId }) => annotating.removeApp(caller, appId)
      })
    })
  )
}
