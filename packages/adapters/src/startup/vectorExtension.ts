import { Effect, Schema } from "effect"
import { SqlClient } from "effect/sql/SqlClient"

/** The database cannot hold a search index. */
export class VectorMissing extends Schema.TaggedError<VectorMissing>()("VectorMissing", { reason: Schema.String }) {
  readonly isRetryable = false
  override get message() {
    return `the database lacks the extension vector (${this.reason}), and no Typesense is configured`
  }
}

/** Fails where the extension `vector` is not there and cannot be made either. */
export const requireVector = Effect.gen(function*() {
  const sql = yield* SqlClient
  const [row] = yield* sql`select
    (select count(*) from pg_extension where extname = 'vector')::int as made,
    (select count(*) from pg_available_extensions where name = 'vector')::int as available`
  if (row?.["made"] === 1) return
  if (row?.["available"] !== 1) return yield* new VectorMissing({ reason: "pgvector is not installed on the server" })
  yield* sql`create extension if not exists vector`.pipe(
    Effect.catchReason(
      "SqlError",
      "AuthorizationError",
      () => Effect.fail(new VectorMissing({ reason: "this user may not run `create extension vector`" }))
    )
  )
})
