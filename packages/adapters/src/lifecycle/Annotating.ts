import { type IfExists, maxAnnotations, type NewAnnotation } from "@sheaf/domain/annotations/Annotation"
import { AnnotationNotFound, AppArchived, AppNotFound } from "@sheaf/domain/annotations/errors"
import { Conflict, QuotaExceeded } from "@sheaf/domain/edge/errors"
import { type AnnotationId, type AppId, JobId } from "@sheaf/domain/ids"
import { Context, Effect, Layer, Option } from "effect"
import { AnnotationsRepo, type Written } from "../repos/annotations/AnnotationsRepo.ts"
import { AppsRepo, type Held } from "../repos/annotations/AppsRepo.ts"
import { derivedId } from "../repos/derivedId.ts"
import { JobsRepo } from "../repos/jobs/JobsRepo.ts"
import { AnnotationSync } from "./AnnotationSync.ts"
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
  readonly update: (by: By, change: {
    readonly annotationId: AnnotationId
    readonly question?: string
    readonly answer?: string
    readonly ifVersion?: number
  }) => Effect.Effect<void, AnnotationNotFound | AppArchived | Conflict>
  /** Answers those that were there; the others are not of this app. */
  readonly remove: (by: By, which: {
    readonly appId: AppId
    readonly annotationIds: ReadonlyArray<AnnotationId>
  }) => Effect.Effect<ReadonlyArray<AnnotationId>, AppNotFound | AppArchived>
  /** The app is gone from the commit on; a job takes away what is stored. */
  readonly removeApp: (by: By, appId: AppId) => Effect.Effect<void, AppNotFound>
}>()("@sheaf/adapters/lifecycle/Annotating") {
  static readonly layer = Layer.effect(
    Annotating,
    Effect.gen(function*() {
      const annotations = yield* AnnotationsRepo
      const apps = yield* AppsRepo
      const jobs = yield* JobsRepo
      const sync = yield* AnnotationSync

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
          const written = yield* annotations.upsert(by, appId, rows, ifExists)
          if (app.reply) yield* sync.owe(by.tenantId, appId)
          return written
        }
      )

      const gone = (annotationId: AnnotationId) => new AnnotationNotFound({ annotationId })

      const update: Annotating["Service"]["update"] = Effect.fn("Annotating.update")(
        function*(by, { annotationId, answer, ifVersion, question }) {
          const place = yield* annotations.place(by.tenantId, annotationId)
          if (Option.isNone(place)) return yield* gone(annotationId)
          const app = yield* open(by, place.value.appId).pipe(
            Effect.catchTag("AppNotFound", () => Effect.fail(gone(annotationId)))
          )
          // Nobody changes it now: what was read before may be of the past.
          const now = yield* annotations.place(by.tenantId, annotationId)
          if (Option.isNone(now)) return yield* gone(annotationId)
          const { version } = now.value
          if (ifVersion !== undefined && ifVersion !== version) return yield* new Conflict({ currentVersion: version })
          yield* annotations.change(by, annotationId, { question, answer })
          if (app.reply && question !== undefined) yield* sync.owe(by.tenantId, place.value.appId)
        }
      )

      const remove: Annotating["Service"]["remove"] = Effect.fn("Annotating.remove")(
        function*(by, { annotationIds, appId }) {
          yield* open(by, appId)
          return yield* annotations.remove(by.tenantId, appId, annotationIds)
        }
      )

      const removeApp: Annotating["Service"]["removeApp"] = Effect.fn("Annotating.removeApp")(
        function*({ tenantId }, appId) {
          if (!(yield* apps.markDeleting(tenantId, appId))) return yield* new AppNotFound({ appId })
          yield* jobs.enqueue(tenantId, [{
            id: JobId.make(derivedId("purge-app", appId)),
            lane: "bulk",
            job: { _tag: "PurgeApp", version: 1, appId }
          }])
        }
      )

      return Annotating.of({ upsert, update, remove, removeApp })
    })
  )
}
