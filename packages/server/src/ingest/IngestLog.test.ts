import { assert, it } from "@effect/vitest"
import { IngestEventsRepo } from "@sheaf/adapters/repos/events/IngestEventsRepo"
import type { TenantId } from "@sheaf/domain/ids"
import { IngestEventId } from "@sheaf/domain/ingest/IngestEvent"
import { Effect } from "effect"
import * as TestServer from "../../../../test/support/TestServer.ts"

const reject = Effect.fnUntraced(function*(tenantId: TenantId, id: string) {
  const repo = yield* IngestEventsRepo
  yield* repo.decide(tenantId, {
    eventId: IngestEventId.make(id),
    contentHash: "0".repeat(64),
    name: `${id}.md`,
    outcome: { _tag: "Rejected", reason: { _tag: "DatasetNotFound", dataset: "nowhere" }, message: "There is none." }
  })
})

it.layer(TestServer.layer(), { timeout: "60 seconds" })("IngestEventsList", (it) => {
  it.effect("lists a tenant's own dead letters with their reasons", () =>
    Effect.gen(function*() {
      const { keys, tenantId } = yield* TestServer.makeTenant
      const other = yield* TestServer.makeTenant
      for (const id of ["a", "b", "c"]) yield* reject(tenantId, id)
      yield* reject(other.tenantId, "theirs")
      const first = yield* TestServer.ok(keys.admin, "IngestEventsList", { state: "rejected", limit: 2 })
      const rest = yield* TestServer.ok(keys.admin, "IngestEventsList", { limit: 2, cursor: first.next })
      assert.deepStrictEqual(
        [...first.items, ...rest.items].map(({ eventId, outcome }) => [eventId, outcome.reason._tag]),
        ["c", "b", "a"].map((id) => [id, "DatasetNotFound"])
      )
      assert.isUndefined(rest.next)
      assert.deepStrictEqual((yield* TestServer.ok(keys.admin, "IngestEventsList", { state: "accepted" })).items, [])
      assert.deepStrictEqual(yield* TestServer.refusal(keys.write, "IngestEventsList", {}), {
        status: 403,
        tag: "Forbidden"
      })
      const { status } = yield* TestServer.refusal(keys.admin, "IngestEventsList", { cursor: "bm9wZQ" })
      assert.strictEqual(status, 422)
    }))
})
