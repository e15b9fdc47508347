import { Annotating } from "@sheaf/adapters/lifecycle/Annotating"
import { type AnnotationFilter, AnnotationListsRepo } from "@sheaf/adapters/repos/annotations/AnnotationListsRepo"
import { AnnotationHitsRepo } from "@sheaf/adapters/repos/annotations/AnnotationHitsRepo"
import type { PageOptions } from "@sheaf/adapters/repos/datasets/DatasetsRepo"
import type { Annotation, AnnotationOutcome, IfExists, NewAnnotation } from "@sheaf/domain/annotations/Annotation"
import { AnnotationNotFound, type AppArchived, type AppNotFound } from "@sheaf/domain/annotations/errors"
import type { CloseAnnotation, Hit } from "@sheaf/domain/annotations/Match"
import type { Caller } from "@sheaf/domain/edge/Caller"
import type { BadRequest, Conflict, QuotaExceeded } from "@sheaf/domain/edge/errors"
import type { AnnotationId, AppId, PageCursor } from "@sheaf/domain/ids"
import { Context, Effect, Layer, Option } from "effect"
import { once } from "../edge/Idempotent.ts"
import { pageOr } from "../edge/pageOr.ts"
import { Apps } from "./Apps.ts"
import { Matching } from "./match/Matching.ts"

interface Named {
  readonly annotationId: AnnotationId
}

/** Curated questions and answers. Changes are part of the caller's transaction. */
export class Annotations extends Context.Service<Annotations, {
  readonly create: (
    caller: Caller,
    annotation: NewAnnotation & { readonly appId: AppId; readonly ifExists?: IfExists }
  ) => Effect.Effect<
    {
      readonly annotation: Annotation
      readonly outcome: AnnotationOutcome
      readonly similar: ReadonlyArray<CloseAnnotation>
    },
    AppNotFound | AppArchived | QuotaExceeded
  >
  readonly get: (caller: Caller, annotation: Named) => Effect.Effect<Annotation, AnnotationNotFound>
  readonly list: (
    caller: Caller,
    options: PageOptions & AnnotationFilter & { readonly appId: AppId }
  ) => Effect.Effect<
    { readonly items: ReadonlyArray<Annotation>; readonly next?: PageCursor },
    AppNotFound | BadRequest
  >
  readonly update: (
    caller: Caller,
    change: Named & Partial<NewAnnotation> & { readonly ifVersion?: number }
  ) => Effect.Effect<Annotation, AnnotationNotFound | AppArchived | Conflict>
  readonly remove: (
    caller: Caller,
    which: { readonly appId: AppId; readonly annotationIds: ReadonlyArray<AnnotationId> }
  ) => Effect.Effect<
    { readonly deleted: ReadonlyArray<AnnotationId>; readonly missing: ReadonlyArray<AnnotationId> },
    AppNotFound | AppArchived
  >
  readonly hits: (
    caller: Caller,
    options: PageOptions & Named
  ) => Effect.Effect<
    { readonly items: ReadonlyArray<Hit>; readonly next?: PageCursor },
    AnnotationNotFound | BadRequest
  >
}>()("@sheaf/server/annotations/Annotations") {
  static readonly layer = Layer.effect(
    Annotations,
    Effect.gen(function*() {
      const annotating = yield* Annotating
      const apps = yield* Apps
      const history = yield* AnnotationHitsRepo
      const lists = yield* AnnotationListsRepo
      const matching = yield* Matching

      const get: Annotations["Service"]["get"] = Effect.fn("Annotations.get")(
        function*({ tenantId }, { annotationId }) {
          const found = yield* lists.find(tenantId, annotationId)
          if (Option.isNone(found)) return yield* new AnnotationNotFound({ annotationId })
          return found.value
        }
      )

      const create: Annotations["Service"]["create"] = Effect.fn("Annotations.create")(
        function*(caller, { answer, appId, ifExists = "skip", question }) {
          // Before the transaction: the embedder may take its time, and the new one is not among them.
          const { items } = yield* matching.similar(caller, { appId, question })
          const inTransaction = yield* once
          return yield* inTransaction(Effect.gen(function*() {
            const written = yield* annotating.upsert(caller, { appId, rows: [{ question, answer }], ifExists })
            const { annotationId, outcome } = written[0]!
            const annotation = yield* Effect.orDie(get(caller, { annotationId }))
            return { annotation, outcome, similar: items.filter((other) => other.annotation.id !== annotationId) }
          }))
        }
      )

      const list: Annotations["Service"]["list"] = Effect.fn("Annotations.list")(
        function*(caller, { appId, ...options }) {
          yield* apps.get(caller, { appId })
          return yield* pageOr(lists.list(caller.tenantId, appId, options))
        }
      )

      const update: Annotations["Service"]["update"] = Effect.fn("Annotations.update")(function*(caller, change) {
        yield* annotating.update(caller, change)
        return yield* get(caller, change)
      })

      const remove: Annotations["Service"]["remove"] = Effect.fn("Annotations.remove")(function*(caller, which) {
        const deleted = yield* annotating.remove(caller, which)
        const gone = new Set<string>(deleted)
        return { deleted, missing: which.annotationIds.filter((id) => !gone.has(id.toLowerCase())) }
      })

      const hits: Annotations["Service"]["hits"] = Effect.fn("Annotations.hits")(
        function*(caller, { annotationId, ...options }) {
          yield* get(caller, { annotationId })
          return yield* pageOr(history.list(caller.tenantId, annotationId, options))
        }
      )

      return Annotations.of({ create, get, list, update, remove, hits })
    })
  )
}
