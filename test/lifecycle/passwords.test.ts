import { assert, it } from "@effect/vitest"
import { Control, type RunOptions } from "@sheaf/adapters/lifecycle/Control"
import { DocumentSecretsRepo } from "@sheaf/adapters/repos/documents/DocumentSecretsRepo"
import { transact } from "@sheaf/adapters/repos/rows"
import * as KeyRing from "@sheaf/adapters/secrets/keyRing"
import { Secrets } from "@sheaf/adapters/secrets/Secrets"
import type { Caller } from "@sheaf/domain/edge/Caller"
import type { DocumentId } from "@sheaf/domain/ids"
import { encryptedPdf } from "@sheaf/worker/parsing/pdf/encryptedPdf"
import { Effect, Layer, Option, Redacted } from "effect"
import { SqlClient } from "effect/sql"
import { makeTenant } from "../repos/world.ts"
import { ingest, layer as pipeline, makeDataset, until } from "../support/Pipeline.ts"

const keyNamed = (id: string, byte: number): KeyRing.SecretKey => ({
  id,
  key: Redacted.make(new Uint8Array(32).fill(byte))
})
const [old, next] = [keyNamed("old", 1), keyNamed("next", 2)]

const password = "open sesame"

const layer = Layer.provide(pipeline, KeyRing.layer([old]))

/** The repository of a process that has these keys. */
const having = (...keys: readonly [KeyRing.SecretKey, ...ReadonlyArray<KeyRing.SecretKey>]) =>
  Effect.provide(DocumentSecretsRepo, Layer.fresh(DocumentSecretsRepo.layer)).pipe(
    Effect.provideService(Secrets, KeyRing.make(keys))
  )

/** How often a text stands in any row of any table. */
const countOf = Effect.fnUntraced(function*(text: string) {
  const sql = yield* SqlClient.SqlClient
  const tables = yield* sql`select table_name from information_schema.tables where table_schema = 'public'`
  const counts = yield* Effect.forEach(
    tables,
    ({ tableName }) =>
      sql.unsafe(`select count(*)::int as count from "${tableName}" t where t::text like $1`, [`%${text}%`])
  )
  return counts.flat().reduce((sum, row) => sum + Number(Object.values(row)[0]), 0)
})

it.layer(layer, { timeout: "60 seconds" })("passwords of documents", (it) => {
  const run = Effect.fnUntraced(function*(caller: Caller, documentId: DocumentId, options: RunOptions) {
    const control = yield* Control
    yield* transact(yield* SqlClient.SqlClient)(control.run(caller, { documentId, ...options }))
    return yield* until(caller, documentId)
  })
  const protect = Effect.gen(function*() {
    const { caller } = yield* makeTenant
    const { documentId } = yield* ingest(caller, yield* makeDataset(caller), { name: "s.pdf", bytes: encryptedPdf })
    return { caller, documentId, failed: yield* until(caller, documentId) }
  })

  it.effect("a protected document is built with its password, and a wrong one is told from none", () =>
    Effect.gen(function*() {
      const { caller, documentId, failed } = yield* protect
      assert.deepStrictEqual(failed.run?.cause, { _tag: "Encrypted", wrongPassword: false })
      const wrong = yield* run(caller, documentId, { password: Redacted.make("close sesame") })
      assert.deepStrictEqual(wrong.run?.cause, { _tag: "Encrypted", wrongPassword: true })
      const right = yield* run(caller, documentId, { password: Redacted.make(password) })
      assert.deepInclude(right, { status: "available", segments: 1 }, JSON.stringify(right.run?.cause))

      const control = yield* Control
      const { values } = yield* control.settings(caller, { documentId })
      assert.deepInclude(values, { name: "parsing.password", value: "set", origin: "document" })
      assert.strictEqual(yield* countOf(password), 0)
      assert.isAbove(yield* countOf(documentId), 0)
      // It stays with the document.
      assert.deepInclude(yield* run(caller, documentId, {}), { status: "available" })
    }))

  it.effect("goes over to a new key, and goes with the document", () =>
    Effect.gen(function*() {
      const sql = yield* SqlClient.SqlClient
      const { caller, documentId } = yield* protect
      const { tenantId } = caller
      yield* (yield* having(old)).set(tenantId, documentId, Redacted.make(password))
      assert.isAtLeast(yield* (yield* having(next, old)).sealAgain, 1)
      const opened = yield* (yield* having(next)).open(tenantId, documentId)
      assert.strictEqual(Option.getOrUndefined(Option.map(opened, Redacted.value)), password)
      // A process without the key parses as if there were none.
      const other = yield* run(caller, documentId, {})
      assert.deepStrictEqual(other.run?.cause, { _tag: "Encrypted", wrongPassword: false })
      yield* sql`delete from document_secrets where tenant_id = ${tenantId}`
    }))
})
