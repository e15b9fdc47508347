import type { PageOptions } from "@sheaf/adapters/repos/datasets/DatasetsRepo"
import { IngestEventsRepo } from "@sheaf/adapters/repos/events/IngestEventsRepo"
import type { Caller } from "@sheaf/domain/edge/Caller"
import type { BadRequest } from "@sheaf/domain/edge/errors"
import type { PageCursor } from "@sheaf/domain/ids"
import type { IngestRecord, IngestState } from "@sheaf/domain/ingest/IngestRpcs"
import { Context, Effect, Layer } from "effect"
import { pageOr } from "../edge/pageOr.ts"

/** What other services sent to the tenant, and what was decided about it. */
export class IngestLog extends Context.Service<IngestLog, {
  readonly list: (
    caller: Caller,
    options: PageOptions & { readonly state?: IngestState }
  ) => Effect.Effect<{ readonly items: ReadonlyArray<IngestRecord>; readonly next?: PageCursor }, BadRequest>
}>()("@sheaf/server/ingest/IngestLog") {
  static readonly layer = Layer.effect(
    IngestLog,
    Effect.gen(function*() {
      const repo = yield* IngestEventsRepo
      return IngestLog.of({ list: (caller, options) => pageOr(repo.list(caller.tenantId, options)) })
    })
  )
}
