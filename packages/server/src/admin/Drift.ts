import type { PageOptions } from "@sheaf/adapters/repos/datasets/DatasetsRepo"
import { ReconciliationsRepo } from "@sheaf/adapters/repos/upkeep/ReconciliationsRepo"
import type { DriftReport, DriftSummary } from "@sheaf/domain/admin/DriftRpcs"
import type { Caller } from "@sheaf/domain/edge/Caller"
import type { BadRequest } from "@sheaf/domain/edge/errors"
import type { PageCursor } from "@sheaf/domain/ids"
import { Context, Duration, Effect, Layer } from "effect"
import { pageOr } from "../edge/pageOr.ts"

interface Wish {
  readonly repair: boolean
}

/** What is out of step, and looks for it. Workers look; this only asks them to and says what they found. */
export class Drift extends Context.Service<Drift, {
  /** Part of the caller's transaction. */
  readonly look: (caller: Caller, wish: Wish) => Effect.Effect<DriftReport>
  readonly reports: (caller: Caller, options: PageOptions) => Effect.Effect<
    { readonly items: ReadonlyArray<DriftReport>; readonly next?: PageCursor },
    BadRequest
  >
  /** For operators, like the next one. */
  readonly lookEverywhere: (caller: Caller, wish: Wish) => Effect.Effect<{ readonly begun: number }>
  readonly summaries: (caller: Caller, options: PageOptions) => Effect.Effect<
    { readonly items: ReadonlyArray<DriftSummary>; readonly next?: PageCursor },
    BadRequest
  >
}>()("@sheaf/server/admin/Drift") {
  static readonly layer = Layer.effect(
    Drift,
    Effect.gen(function*() {
      const repo = yield* ReconciliationsRepo

      const lookEverywhere: Drift["Service"]["lookEverywhere"] = Effect.fn("Drift.lookEverywhere")(
        function*({ actor }, { repair }) {
          const begin = Effect.flatMap(
            repo.due(Duration.zero),
            Effect.forEach((tenantId) => repo.begin(tenantId, { repair, askedBy: actor }))
          )
          let begun = 0
          // Each page has open looks afterwards, and is not due any more.
          for (let some = yield* begin; some.length > 0; some = yield* begin) begun += some.length
          return { begun }
        }
      )

      return Drift.of({
        look: ({ actor, tenantId }, { repair }) => repo.begin(tenantId, { repair, askedBy: actor }),
        reports: ({ tenantId }, options) => pageOr(repo.list(tenantId, options)),
        lookEverywhere,
        summaries: (_caller, options) => pageOr(repo.summaries(options))
      })
    })
  )
}
