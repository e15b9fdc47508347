import type { DocumentStatus } from "@sheaf/domain/documents/status"
import type { TenantId } from "@sheaf/domain/ids"
import type { SqlClient, Statement } from "effect/sql"

/**
 * The newest run `r` of each of some documents `d`, looked up one by one: a planner that cannot know how few they are would read the runs
 * of the whole tenant. Has what `statusSql` asks for.
 */
export const newestRuns = (sql: SqlClient.SqlClient, tenantId: TenantId): Statement.Fragment =>
  sql`left join lateral (select id, state, paused, waiting_for from runs
    where tenant_id = ${tenantId} and id = d.latest_run_id limit 1) r on true`

/** `statusOf` as SQL over `documents d left join runs r`. A test compares the two over every combination of facts. */
export const statusSql = (sql: SqlClient.SqlClient): Statement.Fragment => {
  const shown = sql`case when d.enabled then 'available' else 'disabled' end`
  return sql`(case
    when d.deleting then 'deleting'
    when d.archived then 'archived'
    when r.id is null or r.state = 'published' then case when d.published_run_id is null then 'queuing' else ${shown} end
    when r.state = 'failed' then 'error'
    when r.state = 'cancelled' then case when d.published_run_id is null then 'cancelled' else ${shown} end
    when r.paused then 'paused'
    when r.waiting_for is not null then 'waiting'
    when d.published_run_id is not null then 'updating'
    when r.state = 'queued' then 'queuing'
    else 'indexing' end)`
}

/** For filters. */
export const statusCondition = (
  sql: SqlClient.SqlClient,
  statuses: ReadonlyArray<DocumentStatus>
): Statement.Fragment => sql`${statusSql(sql)} = any(${[...statuses]}::text[])`
