import type { SqlClient, Statement } from "effect/sql"

// A flag belongs to a document and a segment, which is the same whenever its text is: a version without it does not make anybody want to
// see it again. While there is no such segment, that it was disabled is a row of its own, as long as the document.

/** Whether a segment that comes (back) as `given.id` is enabled. */
export const isShown = (sql: SqlClient.SqlClient, owner: { readonly tenantId: string; readonly documentId: string }) =>
  sql`not exists (select 1 from hidden_segments h where h.tenant_id = ${owner.tenantId}::uuid
    and h.document_id = ${owner.documentId}::uuid and h.segment_id = given.id)`

/** For segments that go: keeps which of them were disabled, and forgets it of those that were not any more. */
export const keepHidden = (sql: SqlClient.SqlClient, going: Statement.Fragment) =>
  sql`with going as (select tenant_id, document_id, id, enabled from segments where ${going}),
    shown as (delete from hidden_segments h using going g where g.enabled and h.tenant_id = g.tenant_id
      and h.document_id = g.document_id and h.segment_id = g.id)
    insert into hidden_segments (tenant_id, document_id, segment_id)
    select tenant_id, document_id, id from going where not enabled on conflict do nothing`
