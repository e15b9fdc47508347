import { Actor, type Caller } from "@sheaf/domain/edge/Caller"
import type { SearchRequest } from "@sheaf/domain/search/Search"
import { Context, Effect, Layer, Schema } from "effect"
import { SqlClient } from "effect/sql"
import { newId } from "../newId.ts"
import { done, expiryPage, json, rows } from "../rows.ts"

const QueryId = Schema.String.check(Schema.isUUID()).pipe(Schema.brand("QueryId"))

/** Searches, to see what people look for and do not find. Kept 30 days. */
export class QueryLogRepo extends Context.Service<QueryLogRepo, {
  readonly append: (caller: Caller, entry: {
    readonly request: SearchRequest
    readonly hits: number
    readonly best: number | null
    readonly elapsedMs: number
  }) => Effect.Effect<void>
  readonly expire: Effect.Effect<number>
}>()("@sheaf/adapters/repos/search/QueryLogRepo") {
  static readonly layer = Layer.effect(
    QueryLogRepo,
    Effect.gen(function*() {
      const sql = yield* SqlClient.SqlClient
      const append: QueryLogRepo["Service"]["append"] = Effect.fn("QueryLogRepo.append")(function*(caller, entry) {
        const id = yield* newId(QueryId)
        const actor = yield* Effect.orDie(Schema.encodeEffect(Actor)(caller.actor))
        yield* done(sql`insert into query_log (tenant_id, id, actor, request, hits, best, elapsed_ms)
          values (${caller.tenantId}, ${id}, ${json(actor)}::jsonb, ${json(entry.request)}::jsonb, ${entry.hits},
            ${entry.best}::float8, ${entry.elapsedMs}::float8)`)
      })
      const gone = rows(Schema.Struct({ id: QueryId }))
      return QueryLogRepo.of({
        append,
        expire: Effect.map(
          gone(sql`delete from query_log where ctid = any(array(select ctid from query_log
            where created_at < now() - interval '30 days' limit ${expiryPage})) returning id`),
          (queries) => queries.length
        )
      })
    })
  )
}
