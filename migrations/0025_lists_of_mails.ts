import { Effect } from "effect"
import { SqlClient } from "effect/sql"

/** What was mailed is listed, the newest first. */
export default Effect.gen(function*() {
  const sql = yield* SqlClient.SqlClient
  yield* sql`create index mails_list on mails (tenant_id, created_at, id)`
})
