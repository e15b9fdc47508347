import { assert, it } from "@effect/vitest"
import { Effect } from "effect"
import { SqlClient } from "effect/sql"
import * as TestServer from "../../../../test/support/TestServer.ts"

it.layer(TestServer.layer(), { timeout: "60 seconds" })("deleting a tenant", (it) => {
  it.effect("refuses its keys at once, with an error of its own, and knows no way back", () =>
    Effect.gen(function*() {
      const { keys } = yield* TestServer.makeTenant
      const { key, tenant } = yield* TestServer.ok(keys.operator, "TenantsCreate", { name: "doomed" })
      yield* TestServer.ok(key, "DatasetsCreate", { name: "manuals" })
      const tenantId = tenant.id
      assert.deepStrictEqual(yield* TestServer.refusal(keys.admin, "TenantsDelete", { tenantId }), {
        status: 403,
        tag: "Forbidden"
      })
      const begun = yield* TestServer.ok(keys.operator, "TenantsDelete", { tenantId })
      assert.deepStrictEqual([begun.name, begun.deletedAt], ["doomed", null])
      const deleting = { status: 403, tag: "TenantDeleting" }
      assert.deepStrictEqual(yield* TestServer.refusal(key, "DatasetsList", {}), deleting)
      assert.deepStrictEqual(yield* TestServer.refusal(key, "DatasetsCreate", { name: "b" }), deleting)
      const state = { tenantId, state: "active" }
      assert.deepStrictEqual((yield* TestServer.refusal(keys.operator, "TenantsSetState", state)).tag, "TenantDeleting")
      // Once more is fine, and owes nothing twice.
      assert.strictEqual((yield* TestServer.ok(keys.operator, "TenantsDelete", { tenantId })).id, tenantId)
      const sql = yield* SqlClient.SqlClient
      assert.lengthOf(yield* sql`select 1 from jobs where tenant_id = ${tenantId} and stage = 'PurgeTenant'`, 1)
      const listed = yield* TestServer.ok(keys.operator, "TenantsRemovals", {})
      assert.deepStrictEqual(listed.items.map((item: { readonly id: string }) => item.id), [tenantId])
    }))

  it.effect("leaves the caller's own tenant and that of the first key alone", () =>
    Effect.gen(function*() {
      const sql = yield* SqlClient.SqlClient
      const here = yield* TestServer.makeTenant
      const own = yield* TestServer.rpc(here.keys.operator, "TenantsDelete", { tenantId: here.tenantId })
      assert.deepStrictEqual([own.status, own.json.error.data.tag], [409, "TenantProtected"])
      // A key with the scope operator that nobody made but the installation.
      const first = yield* TestServer.makeTenant
      const other = yield* TestServer.rpc(here.keys.operator, "TenantsDelete", { tenantId: first.tenantId })
      assert.deepStrictEqual([other.status, other.json.error.data.tag], [409, "TenantProtected"])
      assert.deepStrictEqual(
        (yield* TestServer.refusal(here.keys.operator, "TenantsDelete", {
          tenantId: "01890a5d-ac96-774b-bcce-b302099a8057"
        })).tag,
        "TenantNotFound"
      )
      assert.deepStrictEqual(
        yield* sql`select id from tenants where state = 'deleting' and id in
        (${here.tenantId}, ${first.tenantId})`,
        []
      )
    }))

  it.effect("drift: looks are asked for and reported within a tenant, and over all of them to operators", () =>
    Effect.gen(function*() {
      const { keys, tenantId } = yield* TestServer.makeTenant
      assert.deepStrictEqual((yield* TestServer.refusal(keys.write, "DriftLook", { repair: true })).status, 403)
      const look = yield* TestServer.ok(keys.admin, "DriftLook", { repair: false })
      assert.deepStrictEqual([look.repair, look.finishedAt, look.findings], [false, null, []])
      const again = yield* TestServer.ok(keys.admin, "DriftLook", { repair: true })
      assert.deepStrictEqual([again.id, again.repair], [look.id, true])
      const reports = yield* TestServer.ok(keys.admin, "DriftReports", {})
      assert.lengthOf(reports.items, 1)
      assert.deepStrictEqual((yield* TestServer.refusal(keys.admin, "DriftSummaries", {})).status, 403)
      const { begun } = yield* TestServer.ok(keys.operator, "DriftLookEverywhere", { repair: false })
      assert.isAtLeast(begun, 1)
      const summaries = yield* TestServer.ok(keys.operator, "DriftSummaries", { limit: 200 })
      const mine = summaries.items.find((item: { readonly tenantId: string }) => item.tenantId === tenantId)
      assert.isTrue(mine.looking)
      const metrics = yield* TestServer.request("/metrics")
      assert.include(metrics.text, "sheaf_drift{kind=\"entryWithoutSegment\"} 0")
      assert.match(metrics.text, /^sheaf_drift_look_age_seconds \d/m)
    }))
})
