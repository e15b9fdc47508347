import { assert, it } from "@effect/vitest"
import { PipelineSecretsRepo } from "@sheaf/adapters/repos/pipelines/PipelineSecretsRepo"
import { PipelinesRepo } from "@sheaf/adapters/repos/pipelines/PipelinesRepo"
import * as KeyRing from "@sheaf/adapters/secrets/keyRing"
import { Secrets } from "@sheaf/adapters/secrets/Secrets"
import { Effect, Layer, Option, Redacted } from "effect"
import { SqlClient } from "effect/sql"
import { engines, makeTenant } from "./world.ts"

const keyNamed = (id: string, byte: number): KeyRing.SecretKey => ({
  id,
  key: Redacted.make(new Uint8Array(32).fill(byte))
})
const [lost, old, next] = [keyNamed("lost", 1), keyNamed("old", 2), keyNamed("next", 3)]

/** The repository of a process that has these keys. */
const having = (...keys: readonly [KeyRing.SecretKey, ...ReadonlyArray<KeyRing.SecretKey>]) =>
  Effect.provide(PipelineSecretsRepo, Layer.fresh(PipelineSecretsRepo.layer)).pipe(
    Effect.provideService(Secrets, KeyRing.make(keys))
  )

for (const { layer, name } of engines) {
  it.layer(Layer.provideMerge(PipelinesRepo.layer, layer), { timeout: "90 seconds" })(
    `secrets of pipelines on ${name}`,
    (it) => {
      it.effect("go over to a new key, but for those whose key is gone", () =>
        Effect.gen(function*() {
          const sql = yield* SqlClient.SqlClient
          const pipelines = yield* PipelinesRepo
          const { caller } = yield* makeTenant
          const { tenantId } = caller
          const made = yield* pipelines.insert(caller, { name: "signed", description: "", definition: {} })
          const id = Option.getOrThrow(made)
          yield* (yield* having(lost)).set(tenantId, id, "first", Redacted.make("lost for good"))
          yield* (yield* having(old)).set(tenantId, id, "second", Redacted.make("whsec"))
          assert.strictEqual(yield* (yield* having(next, old)).sealAgain, 2)
          const keys = yield* sql`select step, key_id from pipeline_secrets where tenant_id = ${tenantId} order by step`
          assert.deepStrictEqual(keys.map(({ keyId }) => keyId), ["lost", "next"])
          const opened = yield* (yield* having(next)).open(tenantId, id, "second")
          assert.strictEqual(Option.getOrUndefined(Option.map(opened, Redacted.value)), "whsec")
        }))
    }
  )
}
