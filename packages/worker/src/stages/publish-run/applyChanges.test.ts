import { assert, describe, it } from "@effect/vitest"
import * as fc from "fast-check"
import { applyChanges, type Change, type CutSegment } from "./applyChanges.ts"

const before = 8
const original = (at: number) => `original ${at}`

interface Setting {
  readonly cut: ReadonlyArray<CutSegment>
  readonly changes: ReadonlyArray<Change>
}

/** A version of eight segments with any changes by hand, and any cut of the document after it. */
const settings: fc.Arbitrary<Setting> = fc.record({
  fates: fc.array(fc.constantFrom("stays", "edited", "deleted"), { minLength: before, maxLength: before }),
  added: fc.array(
    fc.record({ after: fc.integer({ min: -1, max: before - 1 }), child: fc.boolean() }),
    { maxLength: 10 }
  ),
  cutAgain: fc.shuffledSubarray(Array.from({ length: before }, (_, at) => original(at))),
  fresh: fc.integer({ min: 0, max: 4 }),
  absorbed: fc.array(fc.nat(), { maxLength: 3 })
}).map(({ absorbed, added, cutAgain, fates, fresh }) => {
  const none = { originalId: null, segmentId: null, afterId: null, parentId: null, place: 0 }
  const ofCut = fates.flatMap((fate, at): ReadonlyArray<Change> =>
    fate === "stays" ? [] : [{
      ...none,
      id: `change ${at}`,
      kind: fate,
      originalId: original(at),
      segmentId: fate === "edited" ? `edited ${at}` : null,
      place: at
    }]
  )
  const made: Array<Change> = []
  added.forEach(({ after, child }, at) => {
    const afterId = after < 0 ? null : original(after)
    const siblings = made.filter((other) => other.afterId === afterId)
    const top = siblings.find(({ parentId }) => parentId === null)
    // A child of the cut segment that it follows, or of the first that was added there; never of one that is deleted.
    const cutParent = after >= 0 && fates[after] !== "deleted" ? afterId : null
    const parentId = child ? (top?.segmentId ?? cutParent) : null
    made.push({
      ...none,
      id: `addition ${String(at).padStart(2, "0")}`,
      kind: "added",
      segmentId: `added ${at}`,
      afterId,
      parentId,
      place: after + (siblings.length + 1) / 100
    })
  })
  const changes = [...ofCut, ...made]
  const handMade = changes.flatMap(({ segmentId }) => segmentId === null ? [] : [segmentId])
  const taken = new Set(absorbed.flatMap((at) => handMade.length === 0 ? [] : [handMade[at % handMade.length]!]))
  const ids = [...cutAgain, ...taken, ...Array.from({ length: fresh }, (_, at) => `fresh ${at}`)]
  return { cut: ids.map((segmentId, ordinal) => ({ segmentId, ordinal })), changes }
})

const check = (property: (setting: Setting) => void) => fc.assert(fc.property(settings, property), { numRuns: 500 })

describe("applyChanges", () => {
  it("applies, absorbs or reports every change, each once", () =>
    check(({ changes, cut }) => {
      const { absorbed, conflicts, membership } = applyChanges(cut, cut.length, changes)
      const reported = [...conflicts, ...absorbed].map(({ changeId }) => changeId)
      assert.strictEqual(new Set(reported).size, reported.length)
      for (const change of changes) {
        const places = membership.filter(({ changeId }) => changeId === change.id)
        if (reported.includes(change.id)) assert.lengthOf(places, 0)
        else if (change.kind === "deleted") {
          assert.isFalse(membership.some(({ segmentId }) => segmentId === change.originalId))
          assert.isTrue(cut.some(({ segmentId }) => segmentId === change.originalId))
        } else {
          assert.deepStrictEqual(places.map(({ segmentId }) => segmentId), [change.segmentId])
          assert.isFalse(membership.some(({ segmentId }) => segmentId === change.originalId))
        }
      }
      for (const { changeId } of conflicts) {
        const change = changes.find(({ id }) => id === changeId)!
        assert.isFalse(cut.some(({ segmentId }) => segmentId === (change.originalId ?? change.segmentId)))
      }
    }))

  it("has no segment twice, no two at one place, and what was cut in its order", () =>
    check(({ changes, cut }) => {
      const { membership } = applyChanges(cut, cut.length, changes)
      assert.strictEqual(new Set(membership.map(({ segmentId }) => segmentId)).size, membership.length)
      for (const [at, { ordinal }] of membership.entries()) {
        if (at > 0) assert.isAbove(ordinal, membership[at - 1]!.ordinal)
      }
      const ordinals = new Map(cut.map(({ ordinal, segmentId }) => [segmentId, ordinal]))
      const changed = new Set(changes.flatMap(({ originalId }) => originalId === null ? [] : [originalId]))
      for (const { segmentId } of cut) {
        const isThere = membership.some((place) => place.segmentId === segmentId)
        assert.isTrue(isThere || changed.has(segmentId), segmentId)
      }
      for (const { instead, ordinal, segmentId } of membership) {
        const expected = ordinals.get(instead ?? segmentId)
        if (expected !== undefined) assert.strictEqual(ordinal, expected)
      }
    }))

  it("puts what was added behind its neighbour, in the order of before, and children behind their parents", () =>
    check(({ changes, cut }) => {
      const { absorbed, membership } = applyChanges(cut, cut.length, changes)
      const ordinals = new Map(cut.map(({ ordinal, segmentId }) => [segmentId, ordinal]))
      const own = new Set(
        changes.flatMap(({ id, segmentId }) => absorbed.some(({ changeId }) => changeId === id) ? [segmentId] : [])
      )
      const added = membership.flatMap((place) => {
        const change = changes.find(({ id, kind }) => id === place.changeId && kind === "added")
        return change === undefined ? [] : [{ ...place, change }]
      })
      for (const { change, ordinal, parentId } of added) {
        if (own.has(parentId)) continue
        const gap = change.afterId === null ? -1 : ordinals.get(change.afterId)
        if (gap === undefined) continue
        assert.isAbove(ordinal, gap < 0 ? Number.NEGATIVE_INFINITY : gap)
        assert.isTrue(gap === cut.length - 1 || ordinal < gap + 1, `${change.id} at ${ordinal} is behind ${gap}`)
      }
      for (const [at, { change }] of added.entries()) {
        const earlier = added.slice(0, at).filter((other) =>
          other.change.afterId === change.afterId && other.change.parentId === change.parentId
        )
        for (const other of earlier) assert.isBelow(other.change.place, change.place)
      }
      for (const { change, parentId, segmentId } of added) {
        if (change.parentId === null) continue
        const at = membership.findIndex((place) => place.segmentId === segmentId)
        const parentAt = membership.findIndex((place) => place.segmentId === parentId)
        assert.isAtLeast(parentAt, 0, "a child without its parent")
        assert.isBelow(parentAt, at)
      }
    }))

  it("needs of the cut those segments only that changes speak of", () =>
    check(({ changes, cut }) => {
      const named = new Set(changes.flatMap((change) => [
        change.originalId,
        change.segmentId,
        change.afterId,
        change.parentId
      ]))
      const part = cut.filter(({ segmentId }) => named.has(segmentId))
      const whole = applyChanges(cut, cut.length, changes)
      const some = applyChanges(part, cut.length, changes)
      assert.deepStrictEqual(some.conflicts, whole.conflicts)
      assert.deepStrictEqual(some.absorbed, whole.absorbed)
      const known = new Set(some.membership.map(({ segmentId }) => segmentId))
      assert.deepStrictEqual(some.membership, whole.membership.filter(({ segmentId }) => known.has(segmentId)))
    }))

  it("keeps together what followed a segment that is gone, where it stood", () => {
    const added = (at: number): Change => ({
      id: `change ${at}`,
      kind: "added",
      originalId: null,
      segmentId: `added ${at}`,
      afterId: "gone",
      parentId: null,
      place: 2 + at / 10
    })
    const cut = ["a", "b", "c", "d"].map((segmentId, ordinal) => ({ segmentId, ordinal }))
    const { membership } = applyChanges(cut, 4, [added(2), added(1)])
    assert.deepStrictEqual(membership.map(({ segmentId }) => segmentId), ["a", "b", "c", "added 1", "added 2", "d"])
  })

  it("takes an edit for done that the document has made itself, and keeps the old text out if it is still there", () => {
    const edit: Change = {
      id: "change",
      kind: "edited",
      originalId: "old",
      segmentId: "new",
      afterId: null,
      parentId: null,
      place: 0
    }
    const cutOf = (...ids: ReadonlyArray<string>) => ids.map((segmentId, ordinal) => ({ segmentId, ordinal }))
    const made = applyChanges(cutOf("new"), 1, [edit])
    assert.deepStrictEqual(made.absorbed, [{ changeId: "change", deletes: null }])
    const both = applyChanges(cutOf("new", "old"), 2, [edit])
    assert.deepStrictEqual(both.absorbed, [{ changeId: "change", deletes: "old" }])
    assert.deepStrictEqual(both.membership.map(({ segmentId }) => segmentId), ["new"])
  })
})
