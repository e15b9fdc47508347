import { assert, it } from "@effect/vitest"
import { NodeServices } from "@effect/platform-node"
import { Effect } from "effect"
import { SqlClient } from "effect/sql/SqlClient"
import * as Database from "../../../../test/support/Database.ts"
import { migrate } from "./migrate.ts"

for (const { layer, name } of Database.engines) {
  it.layer(layer, { timeout: "120 seconds" })(`migrations on ${name}`, (it) => {
    it.effect("are applied and do nothing the second time, nor when several processes try at once", () =>
      Effect.gen(function*() {
        const sql = yield* SqlClient
        const before = yield* sql`select count(*)::int as applied from schema_migrations`
        assert.isAbove(Number(before[0]!["applied"]), 0)
        const again = yield* Effect.all([migrate(), migrate(), migrate()], { concurrency: "unbounded" })
        assert.deepStrictEqual(again, [[], [], []])
      }).pipe(Effect.provide(NodeServices.layer)))
  })
}
