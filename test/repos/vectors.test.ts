import { assert, it } from "@effect/vitest"
import { transact } from "@sheaf/adapters/repos/rows"
import { VectorsRepo } from "@sheaf/adapters/repos/segments/VectorsRepo"
import { Effect } from "effect"
import { SqlClient } from "effect/sql"
import { engines, makeDataset, makeTenant, space } from "./world.ts"

const hash = (text: string) => text.padEnd(64, "0")
const vector = (first: number) => Float32Array.of(first, -0.5, 0.25)

for (const { layer, name } of engines) {
  it.layer(layer, { timeout: "90 seconds" })(`VectorsRepo on ${name}`, (it) => {
    it.effect("gives a tenant's own vectors, those just written and those of long ago", () =>
      Effect.gen(function*() {
        const vectors = yield* VectorsRepo
        const [mine, other] = [yield* makeTenant, yield* makeTenant]
        yield* makeDataset(mine.caller)
        yield* makeDataset(other.caller)
        const many = new Map(Array.from({ length: 600 }, (_, i) => [hash(`a${i}`), vector(i)]))
        yield* vectors.save(mine.tenantId, space.id, many)
        yield* vectors.save(mine.tenantId, space.id, new Map([[hash("a0"), vector(7)]]))
        const wanted = [...many.keys(), hash("unknown")]
        assert.deepStrictEqual(
          new Map([...yield* vectors.find(mine.tenantId, space.id, wanted)].sort()),
          new Map([...many].sort())
        )
        assert.strictEqual((yield* vectors.find(other.tenantId, space.id, wanted)).size, 0)
      }))

    it.effect("gives none that is deleted, or whose writing was rolled back", () =>
      Effect.gen(function*() {
        const vectors = yield* VectorsRepo
        const sql = yield* SqlClient.SqlClient
        const { caller, tenantId } = yield* makeTenant
        yield* makeDataset(caller)
        const [gone, undone] = [hash("gone"), hash("undone")]
        yield* vectors.save(tenantId, space.id, new Map([[gone, vector(1)]]))
        yield* sql`delete from vectors where tenant_id = ${tenantId}`
        yield* transact(sql)(
          Effect.andThen(vectors.save(tenantId, space.id, new Map([[undone, vector(2)]])), Effect.fail("no"))
        ).pipe(Effect.ignore)
        assert.strictEqual((yield* vectors.find(tenantId, space.id, [gone, undone])).size, 0)
        yield* vectors.save(tenantId, space.id, new Map([[undone, vector(3)]]))
        assert.deepStrictEqual((yield* vectors.find(tenantId, space.id, [undone])).get(undone), vector(3))
      }))
  })
}
