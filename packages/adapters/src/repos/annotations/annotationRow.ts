import { Annotation } from "@sheaf/domain/annotations/Annotation"
import { Schema } from "effect"
import type { SqlClient } from "effect/sql"

/** As the database gives it: `annotationColumns` of annotations `a` and their app `p`. */
export const AnnotationRow = Schema.Struct({
  ...Annotation.fields,
  lastHitAt: Schema.NullOr(Schema.Date),
  createdAt: Schema.Date,
  updatedAt: Schema.Date
})

export const annotationColumns = (sql: SqlClient.SqlClient) =>
  sql`a.id, a.app_id, a.question, a.answer, a.version, p.reply and a.indexed_epoch >= p.epoch as indexed,
    (select count(*)::int - 1 from annotations c where c.app_id = a.app_id and c.tenant_id = a.tenant_id
      and c.question_key = a.question_key) as copies,
    a.hits, a.last_hit_at, a.created_by, a.created_at, a.updated_by, a.updated_at`

export const toAnnotation = (row: typeof AnnotationRow.Type): Annotation => new Annotation(row)
