import { assert, it } from "@effect/vitest"
import { transact } from "@sheaf/adapters/repos/rows"
import { newId } from "@sheaf/adapters/repos/newId"
import { SegmentsRepo } from "@sheaf/adapters/repos/segments/SegmentsRepo"
import { VectorsRepo } from "@sheaf/adapters/repos/segments/VectorsRepo"
import { SegmentId } from "@sheaf/domain/ids"
import { Deferred, Effect, Fiber } from "effect"
import { SqlClient } from "effect/sql"
import { engines, makeDataset, makeDocument, makeTenant, space } from "./world.ts"

const hash = (text: string) => text.padEnd(64, "0")
const vector = (first: number) => Float32Array.of(first, -0.5, 0.25)

/** A document whose only segment has this text, and is on its way out. */
const goingOut = Effect.fnUntraced(
  function*({ caller, tenantId }: Effect.Success<typeof makeTenant>, textHash: string) {
    const segments = yield* SegmentsRepo
    const document = yield* makeDocument(caller, yield* makeDataset(caller))
    const id = yield* newId(SegmentId)
    const given = { id, ordinal: 0, text: "words", headingPath: [], textHash, tokens: 1, language: "en", boxes: [] }
    yield* segments.add(tenantId, { ...document, spaceId: space.id }, [given])
    yield* segments.clear(tenantId, document.runId)
    yield* segments.sendOut(tenantId, document.documentId, 10)
    return segments.remove(tenantId, [id])
  }
)

/** Within a transaction: others get so far that they wait for a lock of it. */
const othersWait = Effect.flatMap(
  SqlClient.SqlClient,
  (sql) => sql`select 1 from pg_locks where not granted`.pipe(Effect.repeat({ until: (waiting) => waiting.length > 0 }))
)

/** Two transactions: the second begins when the first has done its work, which is not committed before the second waits for it. */
const meanwhile = Effect.fnUntraced(function*(first: Effect.Effect<void>, second: Effect.Effect<void>) {
  const transaction = transact(yield* SqlClient.SqlClient)
  const done = yield* Deferred.make<void>()
  const removal = yield* Effect.forkChild(transaction(
    first.pipe(Effect.andThen(Deferred.succeed(done, undefined)), Effect.andThen(othersWait))
  ))
  yield* Deferred.await(done)
  yield* transaction(second)
  yield* Fiber.join(removal)
})

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

    it.effect("keeps none for a text that no segment has any more", () =>
      Effect.gen(function*() {
        const vectors = yield* VectorsRepo
        const sql = yield* SqlClient.SqlClient
        const tenant = yield* makeTenant
        const remove = yield* goingOut(tenant, hash("left"))
        const save = transact(sql)(
          vectors.saveWanted(tenant.tenantId, space.id, new Map([[hash("left"), vector(1)], [hash("gone"), vector(2)]]))
        )
        const found = vectors.find(tenant.tenantId, space.id, [hash("left"), hash("gone")])
        yield* save
        assert.deepStrictEqual([...(yield* found).keys()], [hash("left")])
        yield* transact(sql)(remove)
        yield* save
        assert.strictEqual((yield* found).size, 0)
      }))

    // One session has nobody to wait for.
    if (name === "PGlite") return

    it.effect("keeps none that comes while the last segment of its text is taken away", () =>
      Effect.gen(function*() {
        const vectors = yield* VectorsRepo
        const tenant = yield* makeTenant
        const text = hash("last")
        const remove = yield* goingOut(tenant, text)
        yield* meanwhile(remove, vectors.saveWanted(tenant.tenantId, space.id, new Map([[text, vector(1)]])))
        assert.strictEqual((yield* vectors.find(tenant.tenantId, space.id, [text])).size, 0)
      }))

    it.effect("keeps none when the last two segments of its text are taken away at the same time", () =>
      Effect.gen(function*() {
        const vectors = yield* VectorsRepo
        const tenant = yield* makeTenant
        const text = hash("two")
        const [first, second] = [yield* goingOut(tenant, text), yield* goingOut(tenant, text)]
        yield* vectors.save(tenant.tenantId, space.id, new Map([[text, vector(1)]]))
        yield* meanwhile(first, second)
        assert.strictEqual((yield* vectors.find(tenant.tenantId, space.id, [text])).size, 0)
      }))
  })
}
