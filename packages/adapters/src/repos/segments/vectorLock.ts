import type { TenantId } from "@sheaf/domain/ids"
import type { SqlClient } from "effect/sql"
import { done } from "../rows.ts"

/**
 * A vector goes with the last segment of its text. Until the end of the caller's transaction, who takes segments away holds this lock
 * alone, and who adds vectors to segments that others may take away holds it with others of that kind. Without it, two that each take
 * one of the last two segments would both leave the vector to the other, and a vector could come after its segment has gone.
 */
export const vectorLock = (sql: SqlClient.SqlClient, tenantId: TenantId, way: "alone" | "shared") => {
  const key = sql`hashtextextended(${`vectors ${tenantId}`}, 0)`
  return done(
    way === "alone" ? sql`select pg_advisory_xact_lock(${key})` : sql`select pg_advisory_xact_lock_shared(${key})`
  )
}
