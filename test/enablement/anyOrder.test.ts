import { assert, it } from "@effect/vitest"
import { Details } from "@sheaf/adapters/lifecycle/Details"
import { Effect } from "effect"
import * as fc from "fast-check"
import { changes, engines, ids, really } from "./world.ts"

const step = fc.oneof(
  { weight: 6, arbitrary: fc.record({ is: fc.constant("segment" as const), at: fc.nat(9), enabled: fc.boolean() }) },
  {
    weight: 4,
    arbitrary: fc.record({
      is: fc.constant("document" as const),
      verb: fc.constantFrom("enable", "disable", "archive", "unarchive")
    })
  },
  { weight: 1, arbitrary: fc.record({ is: fc.constant("build" as const), whole: fc.boolean() }) },
  { weight: 1, arbitrary: fc.record({ is: fc.constant("metadata" as const), topic: fc.constantFrom("a", "b", "c") }) },
  { weight: 2, arbitrary: fc.record({ is: fc.constant("index" as const), down: fc.boolean() }) },
  { weight: 1, arbitrary: fc.record({ is: fc.constant("pause" as const), ms: fc.nat(150) }) }
)
const steps = fc.array(step, { minLength: 6, maxLength: 20 })

for (const { layer, name } of engines) {
  it.layer(layer, { timeout: "240 seconds" })(`Enablement in any order on ${name}`, (it) => {
    for (const [number, sequence] of fc.sample(steps, { numRuns: 8, seed: 20_261_122 }).entries()) {
      it.effect(`the index ends up with what may be seen, sequence ${number + 1}`, () =>
        Effect.gen(function*() {
          const details = yield* Details
          const world = yield* changes
          const { all, build, caller, entries, get, indexed, make, quiet, readable, set, switches, transaction } = world
          const { documentId } = yield* make()
          const flags = { enabled: true, archived: false }
          for (const next of sequence) {
            switch (next.is) {
              case "segment": {
                const listed = yield* all(documentId)
                yield* set(documentId, [listed[next.at % listed.length]!], next.enabled)
                break
              }
              case "document": {
                yield* world[next.verb as "enable" | "disable" | "archive" | "unarchive"](documentId)
                if (next.verb === "enable" || next.verb === "disable") flags.enabled = next.verb === "enable"
                else flags.archived = next.verb === "archive"
                break
              }
              case "build": {
                yield* build(documentId, next.whole)
                break
              }
              case "metadata": {
                yield* transaction(details.setMetadata(caller, { documentId, metadata: { topic: next.topic } }))
                break
              }
              case "index": {
                switches.indexDown = next.down
                break
              }
              case "pause": {
                yield* really(Effect.sleep(next.ms))
              }
            }
            const shown = yield* readable(yield* all(documentId))
            if (!flags.enabled || flags.archived) assert.strictEqual(shown.size, 0)
          }
          switches.indexDown = false
          yield* quiet
          const listed = yield* all(documentId)
          const expected = flags.enabled && !flags.archived ? listed.filter(({ enabled }) => enabled) : []
          assert.deepStrictEqual(yield* indexed(documentId), ids(expected))
          assert.strictEqual(yield* entries(documentId), expected.length)
          assert.deepStrictEqual(yield* readable(listed), new Set(ids(expected)))
          assert.isTrue(listed.every(({ indexState }) => indexState === "in_sync"))
          assert.deepInclude(yield* get(documentId), { ...flags, indexState: "in_sync", indexCause: null })
        }))
    }
  })
}
