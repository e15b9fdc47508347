import { assert, it } from "@effect/vitest"
import { Effect } from "effect"
import { SqlClient } from "effect/sql"
import * as TestServer from "../../../../test/support/TestServer.ts"

it.layer(TestServer.layer(), { timeout: "60 seconds" })("Idempotent", (it) => {
  const counted = Effect.fnUntraced(function*(table: string, tenantId: string) {
    const sql = yield* SqlClient.SqlClient
    const [row] = yield* sql`select count(*)::int as count from ${sql(table)} where tenant_id = ${tenantId}`
    return row!["count"]
  })

  it.effect("answers the same to the same key and payload, and changes once", () =>
    Effect.gen(function*() {
      const { keys, tenantId } = yield* TestServer.makeTenant
      const params = { idempotencyKey: "a", name: "one" }
      const first = yield* TestServer.ok(keys.write, "DatasetsCreate", params)
      const second = yield* TestServer.ok(keys.write, "DatasetsCreate", params)
      assert.deepStrictEqual(second, first)
      assert.strictEqual(yield* counted("datasets", tenantId), 1)
      assert.strictEqual(yield* counted("audit_log", tenantId), 1)
      assert.strictEqual(yield* counted("events", tenantId), 1)
    }))

  it.effect("refuses a key that named another payload, another operation or another caller's request", () =>
    Effect.gen(function*() {
      const { keys } = yield* TestServer.makeTenant
      const { id: datasetId } = yield* TestServer.ok(keys.write, "DatasetsCreate", { idempotencyKey: "a", name: "one" })
      const reused = { status: 409, tag: "IdempotencyKeyReused" }
      const other = { idempotencyKey: "a", name: "two" }
      assert.deepStrictEqual(yield* TestServer.refusal(keys.write, "DatasetsCreate", other), reused)
      const operation = { idempotencyKey: "a", datasetId }
      assert.deepStrictEqual(yield* TestServer.refusal(keys.write, "DatasetsDelete", operation), reused)
      const same = { idempotencyKey: "a", name: "one" }
      assert.deepStrictEqual(yield* TestServer.refusal(keys.admin, "DatasetsCreate", same), reused)
    }))

  it.effect("lets concurrent duplicates wait for the first", () =>
    Effect.gen(function*() {
      const { keys, tenantId } = yield* TestServer.makeTenant
      const params = { idempotencyKey: "a", name: "one" }
      const answers = yield* Effect.all(
        Array.from({ length: 8 }, () => TestServer.ok(keys.write, "DatasetsCreate", params)),
        { concurrency: "unbounded" }
      )
      for (const answer of answers) assert.deepStrictEqual(answer, answers[0])
      assert.strictEqual(yield* counted("datasets", tenantId), 1)
      assert.strictEqual(yield* counted("audit_log", tenantId), 1)
    }))

  it.effect("remembers no failure: the same key may try again", () =>
    Effect.gen(function*() {
      const { keys, tenantId } = yield* TestServer.makeTenant
      const { id: datasetId } = yield* TestServer.ok(keys.write, "DatasetsCreate", { name: "taken" })
      const params = { idempotencyKey: "a", name: "taken" }
      const taken = yield* TestServer.refusal(keys.write, "DatasetsCreate", params)
      assert.deepStrictEqual(taken, { status: 409, tag: "DatasetNameTaken" })
      assert.strictEqual(yield* counted("audit_log", tenantId), 1)
      yield* TestServer.ok(keys.write, "DatasetsUpdate", { datasetId, name: "freed" })
      assert.strictEqual((yield* TestServer.ok(keys.write, "DatasetsCreate", params)).name, "taken")
    }))

  it.effect("accepts a text once, and keeps no bytes of its repetitions", () =>
    Effect.gen(function*() {
      const { keys, tenantId } = yield* TestServer.makeTenant
      const { id: datasetId } = yield* TestServer.ok(keys.write, "DatasetsCreate", { name: "one" })
      const params = { idempotencyKey: "a", datasetId, name: "a.txt", text: "hello", ifSame: "new" }
      const first = yield* TestServer.ok(keys.write, "DocumentsIngestText", params)
      const second = yield* TestServer.ok(keys.write, "DocumentsIngestText", params)
      assert.deepStrictEqual(second, first)
      const changed = yield* TestServer.refusal(keys.write, "DocumentsIngestText", { ...params, text: "bye" })
      assert.deepStrictEqual(changed, { status: 409, tag: "IdempotencyKeyReused" })
      assert.strictEqual(yield* counted("documents", tenantId), 1)
      assert.strictEqual(yield* counted("jobs", tenantId), 1)
      assert.deepStrictEqual(yield* TestServer.blobKeys(tenantId), [`${tenantId}/${datasetId}/${first.documentId}/raw`])
    }))

  it.effect("keeps a new key's secret where only its maker can read it", () =>
    Effect.gen(function*() {
      const { keys, tenantId } = yield* TestServer.makeTenant
      const params = { idempotencyKey: "a", name: "reader", scopes: ["read"] }
      const first = yield* TestServer.ok(keys.admin, "KeysCreate", params)
      assert.deepStrictEqual(yield* TestServer.ok(keys.admin, "KeysCreate", params), first)
      const sql = yield* SqlClient.SqlClient
      const stored = yield* sql`select answer::text from idempotency_keys where tenant_id = ${tenantId}`
      assert.lengthOf(stored, 1)
      assert.notInclude(JSON.stringify(stored), first.secret.slice(12))
      const audit = yield* sql`select operation, target::text from audit_log where tenant_id = ${tenantId}`
      assert.deepStrictEqual(audit, [{
        operation: "KeysCreate",
        target: `{"keyId": "${first.key.id}"}`
      }])
    }))

  it.effect("notes who asked, and for whom", () =>
    Effect.gen(function*() {
      const { keys, tenantId } = yield* TestServer.makeTenant
      const onBehalfOf = { id: "42", name: "Ada" }
      const made = yield* TestServer.ok(keys.write, "DatasetsCreate", { name: "one", onBehalfOf })
      assert.deepStrictEqual(made.createdBy, { keyId: keys.write.id, onBehalfOf })
      const sql = yield* SqlClient.SqlClient
      const [entry] = yield* sql`select actor, target from audit_log where tenant_id = ${tenantId}`
      assert.deepStrictEqual(entry, { actor: { keyId: keys.write.id, onBehalfOf }, target: { id: made.id } })
    }))
})
