import { ApiKeysRepo } from "@sheaf/adapters/repos/access/ApiKeysRepo"
import { newId } from "@sheaf/adapters/repos/newId"
import { transact } from "@sheaf/adapters/repos/rows"
import { TenantsRepo } from "@sheaf/adapters/repos/access/TenantsRepo"
import { ApiKeyId } from "@sheaf/domain/ids"
import { Effect, Option, Redacted } from "effect"
import { SqlClient } from "effect/sql"
import { givenSecret, newSecret } from "../edge/secrets.ts"

/** Name of the tenant that every installation begins with. */
const firstTenant = "default"

/**
 * On an installation without any key: makes the tenant `default` and an operator key for it. `deliver` gets the secret before the
 * key becomes valid, so that it cannot be lost; it is shown to nobody else, ever. With `given` that is the secret. Answers whether a
 * key was made.
 */
export const ensureFirstKey = <E, R>(
  deliver: (secret: Redacted.Redacted) => Effect.Effect<void, E, R>,
  given: Option.Option<Redacted.Redacted> = Option.none()
) =>
  Effect.gen(function*() {
    const keys = yield* ApiKeysRepo
    const sql = yield* SqlClient.SqlClient
    const tenants = yield* TenantsRepo
    if (yield* keys.any) return false
    return yield* Effect.gen(function*() {
      // Of two processes that start at once, the second waits here and then finds the key of the first.
      const inserted = yield* tenants.insert(firstTenant)
      if (yield* keys.any) return false
      const tenant = Option.isSome(inserted) ? inserted : yield* tenants.findByName(firstTenant)
      const { id: tenantId } = yield* Effect.orDie(Effect.fromOption(tenant))
      const { hash, prefix, secret } = Option.match(given, { onNone: newSecret, onSome: givenSecret })
      yield* keys.insert(tenantId, {
        id: yield* newId(ApiKeyId),
        name: "operator",
        prefix,
        hash,
        scopes: ["admin", "operator"],
        datasetIds: null,
        expiresAt: null,
        createdBy: null
      })
      yield* deliver(Redacted.make(secret))
      return true
    }).pipe(transact(sql))
  })
