import type { TenantId } from "@sheaf/domain/ids"
import { Effect } from "effect"
import type { Actor } from "../world/Actor.ts"
import type { Act, Scenario } from "./Scenario.ts"
import * as Steps from "./steps.ts"

const make = ({ call, client, once, tenant }: Actor) =>
  call(client.TenantsCreate({ name: `${tenant.tenantId}-b`, ...once("tenant") }), "operator")

/** A change of a tenant by its operator. */
const changing = (change: (tenantId: TenantId) => Act): Scenario => (actor) =>
  Effect.map(make(actor), ({ tenant }) => change(tenant.id))

export const tenants = {
  TenantsCreate: () => Effect.succeed(make),
  TenantsSetState: changing((tenantId) => ({ call, client, once }) =>
    call(client.TenantsSetState({ tenantId, state: "suspended", ...once("state") }), "operator")
  ),
  TenantsSetLimits: changing((tenantId) => ({ call, client, once }) =>
    call(client.TenantsSetLimits({ tenantId, limits: { documents: 5 }, ...once("limits") }), "operator")
  ),
  /** The tenant itself goes, on the word of another's operator. */
  TenantsDelete: Effect.fnUntraced(function*(actor) {
    yield* Steps.published(actor)
    const { tenantId } = actor.tenant
    return ({ call, client, once }) => call(client.TenantsDelete({ tenantId, ...once("delete") }), "operator")
  }),
  KeysCreate: () =>
    Effect.succeed(({ call, client, once }) =>
      call(client.KeysCreate({ name: "made", scopes: ["read"], ...once("key") }))
    ),
  KeysRevoke: Effect.fnUntraced(function*({ call, client, once }) {
    const { key } = yield* call(client.KeysCreate({ name: "made", scopes: ["read"], ...once("key") }))
    return ({ call, client, once }) => call(client.KeysRevoke({ keyId: key.id, ...once("revoke") }))
  })
} satisfies Record<string, Scenario>
