import { type IfExists, maxAnnotations, type NewAnnotation } from "@sheaf/domain/annotations/Annotation"
import { AppArchived, AppNotFound } from "@sheaf/domain/annotations/errors"
import { QuotaExceeded } from "@sheaf/domain/edge/errors"
import type { AppId } from "@sheaf/domain/ids"
import { Context, Effect, Layer, Option } from "effect"
import { AnnotationsRepo, type Written } from "../repos/annotations/AnnotationsRepo.ts"
import { AppsRepo, type Held } from "../repos/annotations/AppsRepo.ts"
import type { By } from "./By.ts"

/** Changes of annotations, whoever makes them: each is part of the caller's transaction, and holds the app until its end. */
export class Annotating extends Context.Service<Annotating, {
  /**
   * Writes rows by their natural key: the app and the normalised question. Answers one result a row, in their order. A few hundred rows at
   * a time; nobody else writes into the app meanwhile. Rows that do not all find room change nothing.
   */
  readonly upsert: (by: By, options: {
    readonly appId: AppId
    readonly rows: ReadonlyArray<NewAnnotation>
    readonly ifExists: IfExists
  }) => Effect.Effect<ReadonlyArray<Written>, AppNotFound | AppArchived | QuotaExceeded>
}>()("@sheaf/adapters/lifecycle/Annotating") {
  static readonly layer = Layer.effect(
    Annotating,
    Effect.gen(function*() {
      const annotations = yield* AnnotationsRepo
      const apps = yield* AppsRepo

      const open = Effect.fnUntraced(function*({ tenantId }: By, appId: AppId) {
        const app = yield* apps.hold(tenantId, appId)
        if (Option.isNone(app)) return yield* new AppNotFound({ appId })
        if (app.value.archived) return yield* new AppArchived({ appId })
        return app.value
      })

      /** Only what an insertion may add is asked for. */
      const hasRoom = (app: Held, rows: ReadonlyArray<NewAnnotation>) => app.annotations + rows.length <= maxAnnotations

      const upsert: Annotating["Service"]["upsert"] = Effect.fn("Annotating.upsert")(
        function*(by, { appId, ifExists, rows }) {
          const app = yield* open(by, appId)
          if (!hasRoom(app, rows)) {
            return yield* new QuotaExceeded({ quota: "annotations of an app", limit: maxAnnotations })
          }
          return yield* annotations.upsert(by, appId, rows, ifExists)
        }
      )

      return Annotating.of({ upsert })
    })
  )
}
