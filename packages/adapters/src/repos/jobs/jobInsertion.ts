import type { LeaseToken, TenantId } from "@sheaf/domain/ids"
import { Job } from "@sheaf/domain/jobs/Job"
import { Duration, Schema } from "effect"
import type { SqlClient } from "effect/sql"
import { json } from "../rows.ts"
import type { Kept, NewJob } from "./JobsRepo.ts"

const encodeJob = Schema.encodeSync(Job)

/** The statement that writes jobs; those that exist stay as they are. Answers the ids of the others, and whether they are claimed with the token. */
export const jobInsertion = (sql: SqlClient.SqlClient) =>
(
  tenantId: TenantId,
  jobs: ReadonlyArray<NewJob>,
  { kept, token, trace }: { readonly trace: string | null; readonly token?: LeaseToken; readonly kept?: Kept }
) => {
  const values = jobs.map(({ delay, id, job, lane }) => ({
    id,
    lane,
    stage: job._tag,
    payload: encodeJob(job),
    trace,
    run_id: "runId" in job ? job.runId : null,
    document_id: "documentId" in job ? job.documentId : null,
    delay: delay === undefined ? 0 : Duration.toSeconds(delay),
    kept: kept?.jobIds.has(id) ?? false
  }))
  return sql`
      insert into jobs (tenant_id, id, stage, lane, payload, run_id, document_id, trace, not_before,
        state, lease_token, lease_holder, lease_expires_at)
      select ${tenantId}::uuid, x.id, x.stage, x.lane, x.payload, x.run_id, x.document_id, x.trace,
        now() + make_interval(secs => x.delay),
        case when claimed then 'leased' else 'ready' end,
        case when claimed then ${token ?? null}::uuid end,
        case when claimed then ${kept?.holder ?? null}::text end,
        case when claimed then now() + make_interval(secs => ${
    kept === undefined ? 0 : Duration.toSeconds(kept.lease)
  }) end
      from jsonb_to_recordset(${json(values)}::jsonb)
        as x(id uuid, stage text, lane text, payload jsonb, run_id uuid, document_id uuid, trace text, delay float8,
          kept boolean)
      cross join lateral (select x.kept and not exists (select 1 from runs
        where runs.tenant_id = ${tenantId}::uuid and runs.id = x.run_id and runs.paused) as claimed) c
      on conflict (tenant_id, id) do nothing
      returning id, state = 'leased' as claimed`
}
