import type { SqlClient } from "effect/sql"

/**
 * The condition on a change by hand (alias `c`) under which a run (alias `r`) does it again: unless it was told to discard them, and then
 * still if it was made after the run had begun.
 */
export const isKept = (sql: SqlClient.SqlClient) =>
  sql`(coalesce(r.config->>'edits', 'keep') <> 'discard' or c.updated_at > r.created_at)`
