import { derivedId } from "@sheaf/adapters/repos/derivedId"
import { JobsRepo } from "@sheaf/adapters/repos/jobs/JobsRepo"
import { type ImportId, JobId, type TenantId } from "@sheaf/domain/ids"
import { Effect } from "effect"

/** Sees to it that an import has its job: there is one at the most. Part of the caller's transaction. */
export const oweImport = Effect.map(
  JobsRepo,
  (jobs) => (tenantId: TenantId, importId: ImportId) =>
    jobs.enqueue(tenantId, [{
      id: JobId.make(derivedId("import", importId)),
      lane: "interactive",
      job: { _tag: "ImportRows", version: 1, importId }
    }])
)
