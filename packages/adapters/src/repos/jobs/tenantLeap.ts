import type { SqlClient } from "effect/sql"
import type { Fragment } from "effect/sql/Statement"

/**
 * The table expression `leap (stage, tenant_id)`, for a `with recursive`: who has ready jobs of the stages in `stages`, a relation with a
 * column `stage`. Tenants are found by leaps through the index, not by reading what they owe: one may owe ten thousand jobs. A row without
 * tenant ends each stage.
 */
export const tenantLeap = (sql: SqlClient.SqlClient, stages: Fragment): Fragment =>
  sql`leap (stage, tenant_id) as (
    select w.stage,
      (select j.tenant_id from jobs j where j.stage = w.stage and j.state = 'ready' order by j.tenant_id limit 1)
    from ${stages} w
    union all
    select l.stage,
      (select j.tenant_id from jobs j where j.stage = l.stage and j.state = 'ready' and j.tenant_id > l.tenant_id
        order by j.tenant_id limit 1)
    from leap l where l.tenant_id is not null
  )`
