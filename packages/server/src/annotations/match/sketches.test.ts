import { assert, it } from "@effect/vitest"
import { Effect } from "effect"
import * as fc from "fast-check"
import { makeSketches } from "./sketches.ts"

/** A generator of the same numbers every time. */
const random = (seed: number) => () => {
  seed = (Math.imul(seed, 1_664_525) + 1_013_904_223) >>> 0
  return seed / 2 ** 32
}

const vectorOf = (next: () => number, dimension: number) =>
  Float32Array.from({ length: dimension }, () => next() + next() + next() - 1.5)

/** Near another: most of it, and something of its own. */
const near = (vector: Float32Array, next: () => number, share: number) =>
  vectorOf(next, vector.length).map((value, i) => share * vector[i]! + (1 - share) * value)

const cosine = (a: Float32Array, b: Float32Array) => {
  const dot = (x: Float32Array, y: Float32Array) => x.reduce((sum, value, i) => sum + value * y[i]!, 0)
  return dot(a, b) / Math.sqrt(dot(a, a) * dot(b, b))
}

it.effect("propose what a comparison with every vector finds, whatever was put, replaced and removed", () =>
  Effect.promise(() =>
    fc.assert(
      fc.asyncProperty(
        fc.integer({ min: 0, max: 2 ** 31 }),
        fc.constantFrom(33, 64, 512, 1_536),
        fc.array(fc.tuple(fc.integer({ min: 0, max: 400 }), fc.boolean()), { minLength: 1, maxLength: 700 }),
        async (seed, dimension, steps) => {
          const next = random(seed)
          const sketches = makeSketches<string>(dimension)
          const model = new Map<string, Float32Array>()
          const theme = vectorOf(next, dimension)
          for (const [name, stays] of steps) {
            const id = `${name}`
            if (stays) {
              const vector = near(theme, next, next() * 0.7)
              sketches.put(id, vector)
              model.set(id, vector)
            } else {
              sketches.remove(id)
              model.delete(id)
            }
          }
          assert.strictEqual(sketches.size(), model.size)
          if (model.size === 0) return
          const question = near([...model.values()][0]!, next, 0.8)
          const best = [...model].sort(([, a], [, b]) => cosine(b, question) - cosine(a, question))[0]!
          const found = await Effect.runPromise(sketches.nearest(question))
          assert.include(found.slice(0, dimension > 1_024 || dimension < 64 ? 64 : 16), best[0])
          assert.strictEqual(new Set(found).size, found.length)
        }
      ),
      { numRuns: 15, seed: 3 }
    )
  ))
