import { assert, it } from "@effect/vitest"
import { DateTime } from "effect"
import * as FastCheck from "fast-check"
import { isInStep, isMassRemoval, type KnownItem, mustRead, pausedBy } from "./lookAt.ts"

const at = (minute: number) => DateTime.toDate(DateTime.makeUnsafe(minute * 60_000))

const hash = FastCheck.constantFrom("a", "b", "c")
const known: FastCheck.Arbitrary<KnownItem> = FastCheck.record({
  state: FastCheck.constantFrom("present", "unreachable", "gone"),
  paused: FastCheck.boolean(),
  contentHash: FastCheck.option(hash),
  editedAt: FastCheck.option(FastCheck.nat(5).map(at)),
  fetchedAt: FastCheck.option(FastCheck.nat(10).map(at)),
  document: FastCheck.option(FastCheck.record({
    servedHash: FastCheck.option(hash),
    newestHash: hash,
    run: FastCheck.option(FastCheck.record({
      state: FastCheck.constantFrom("queued", "embedding", "published", "failed", "cancelled"),
      paused: FastCheck.boolean(),
      cause: FastCheck.option(FastCheck.constantFrom(
        { _tag: "NoText" as const, pages: 1 },
        { _tag: "Internal" as const, reference: "r" }
      ))
    }))
  }))
})

it("a time of edit holds for the version that was read with it, and for no other", () => {
  FastCheck.assert(FastCheck.property(known, FastCheck.nat(5), (item, minute) => {
    if (mustRead(item, at(minute))) return
    // Left unread: it was read, at this time of edit, and is served, on its way, or cannot be.
    const { contentHash, document, editedAt } = item
    assert.isNotNull(contentHash)
    assert.strictEqual(editedAt?.getTime(), at(minute).getTime())
    assert.strictEqual(document?.newestHash, contentHash)
    const { run, servedHash } = document!
    if (servedHash !== contentHash) {
      assert.isNotNull(run)
      assert.notInclude(["published", "cancelled"], run!.state)
      if (run!.state === "failed") assert.strictEqual(run!.cause?._tag, "NoText")
    }
  }))
})

it("an edit in the minute of the reading is not missed", () => {
  const document = { servedHash: "a", newestHash: "a", run: null }
  const read = { state: "present", paused: false, contentHash: "a", editedAt: at(3), document } as const
  assert.isTrue(isInStep({ ...read, fetchedAt: at(3) }))
  assert.isTrue(mustRead({ ...read, fetchedAt: at(3) }, at(3)))
  assert.isTrue(mustRead({ ...read, fetchedAt: at(4) }, at(3)))
  assert.isFalse(mustRead({ ...read, fetchedAt: at(5) }, at(3)))
  assert.isTrue(mustRead({ ...read, fetchedAt: at(5) }, at(4)))
})

it("says why an item is left alone", () => {
  const item = { state: "present", paused: false, contentHash: "a", editedAt: at(1), fetchedAt: at(9) } as const
  const run = { state: "embedding", paused: true, cause: null } as const
  assert.strictEqual(pausedBy({ ...item, paused: true, document: null }), "item")
  assert.strictEqual(pausedBy({ ...item, document: null }), "deleted")
  assert.isNull(pausedBy({ ...item, state: "gone", document: null }))
  assert.isNull(pausedBy({ ...item, contentHash: null, document: null }))
  assert.strictEqual(pausedBy({ ...item, document: { servedHash: "a", newestHash: "b", run } }), "run")
})

it("doubts a listing that misses too much, but not for a page or two", () => {
  assert.isFalse(isMassRemoval(3, 2, 0.2))
  assert.isTrue(isMassRemoval(3, 3, 0.2))
  assert.isFalse(isMassRemoval(100, 20, 0.2))
  assert.isTrue(isMassRemoval(100, 21, 0.2))
  assert.isFalse(isMassRemoval(100, 100, 1))
})
