import { assert, it } from "@effect/vitest"
import { ApiKeyId, TenantId } from "../ids.ts"
import { Caller, type Scope } from "./Caller.ts"

const id = "0191d5a0-0000-7000-8000-000000000000"
const caller = (...scopes: ReadonlyArray<Scope>) =>
  new Caller({ tenantId: TenantId.make(id), keyId: ApiKeyId.make(id), scopes, datasetIds: null })

it("each scope includes the ones before it, and operator stands beside them", () => {
  const all = ["read", "write", "admin", "operator"] as const
  const held = (...scopes: ReadonlyArray<Scope>) => all.filter((scope) => caller(...scopes).has(scope))
  assert.deepStrictEqual(held("read"), ["read"])
  assert.deepStrictEqual(held("write"), ["read", "write"])
  assert.deepStrictEqual(held("admin"), ["read", "write", "admin"])
  assert.deepStrictEqual(held("operator"), ["operator"])
  assert.deepStrictEqual(held("read", "operator"), ["read", "operator"])
  assert.deepStrictEqual(held(), [])
})
