import { ApiKeysRepo } from "@sheaf/adapters/repos/access/ApiKeysRepo"
import { newId } from "@sheaf/adapters/repos/newId"
import { TenantsRepo } from "@sheaf/adapters/repos/access/TenantsRepo"
import { Caller, type Scope } from "@sheaf/domain/edge/Caller"
import { ApiKeyId, type TenantId } from "@sheaf/domain/ids"
import { newSecret } from "@sheaf/server/edge/secrets"
import { Data, Effect, Predicate } from "effect"
import { RpcClient } from "effect/rpc"
import { randomUUID } from "node:crypto"
import type { Life } from "./Life.ts"
import { hold, quiet } from "./quiet.ts"
import type { Stage } from "./Stage.ts"

/** A call was answered with an error of the contract. */
export class Refused extends Data.TaggedError("Refused")<{ readonly tag: string; readonly message: string }> {}

/** A tenant with its keys, whoever serves it. */
export interface Tenant {
  readonly tenantId: TenantId
  readonly caller: Caller
  readonly secrets: { readonly admin: string; readonly operator: string }
}

/** Somebody who makes calls for a tenant to a life. */
export interface Actor {
  readonly tenant: Tenant
  readonly life: Life
  readonly client: Life["client"]
  /** A call with the tenant's key. */
  readonly call: <A, E, R>(effect: Effect.Effect<A, E, R>, as?: keyof Tenant["secrets"]) => Effect.Effect<A, Refused, R>
  /** What a mutation carries: the same name is the same mutation, in whatever life. */
  readonly once: (name: string) => { readonly idempotencyKey: string }
  /** Completes when nothing is owed to the tenant any more. */
  readonly rest: Effect.Effect<void>
  /** Finds out something that is not to be found out again by a process that comes later. */
  readonly remember: <A, E>(name: string, effect: Effect.Effect<A, E>) => Effect.Effect<A, E>
  /** What follows from a call is left undone, until the act begins. */
  readonly hold: <A, E>(effect: Effect.Effect<A, E>) => Effect.Effect<A, E>
}

const makeKey = Effect.fnUntraced(function*(tenantId: TenantId, scopes: ReadonlyArray<Scope>) {
  const keys = yield* ApiKeysRepo
  const { hash, prefix, secret } = newSecret()
  const id = yield* newId(ApiKeyId)
  yield* keys.insert(tenantId, {
    id,
    name: prefix,
    prefix,
    hash,
    scopes,
    datasetIds: null,
    expiresAt: null,
    createdBy: null
  })
  return { id, secret }
})

/** Its name is an id, so that what is named after it looks alike in every trial. */
export const makeTenant = Effect.gen(function*(): Effect.fn.Return<Tenant, never, ApiKeysRepo | TenantsRepo> {
  const tenants = yield* TenantsRepo
  const made = yield* tenants.insert(randomUUID())
  const { id: tenantId } = yield* Effect.orDie(Effect.fromOption(made))
  const admin = yield* makeKey(tenantId, ["admin"])
  // Of a tenant of its own: nobody deletes the one that they work in.
  const office = yield* Effect.orDie(Effect.fromOption(yield* tenants.insert(randomUUID())))
  const operator = yield* makeKey(office.id, ["operator"])
  const caller = new Caller({ tenantId, keyId: admin.id, scopes: ["admin"], datasetIds: null })
  return { tenantId, caller, secrets: { admin: admin.secret, operator: operator.secret } }
})

const tagOf = (error: unknown) =>
  Predicate.hasProperty(error, "_tag") && typeof error._tag === "string" ? error._tag : "Unknown"

export const actorOf = (stage: Stage, tenant: Tenant): Actor => ({
  tenant,
  life: stage.life,
  remember: (_, effect) => effect,
  rest: Effect.orDie(quiet(stage, tenant.tenantId)),
  hold: hold(stage.installation, tenant.tenantId),
  client: stage.life.client,
  call: (effect, as = "admin") =>
    effect.pipe(
      RpcClient.withHeaders({ authorization: `Bearer ${tenant.secrets[as]}` }),
      Effect.mapError((error) => new Refused({ tag: tagOf(error), message: String(error) }))
    ),
  once: (name) => ({ idempotencyKey: `${tenant.tenantId} ${name}` })
})
