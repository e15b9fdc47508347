import { assert, describe, it } from "@effect/vitest"
import * as fc from "fast-check"
import { idf, saturation } from "../ranking.ts"
import { bestByWords, frequenciesOf } from "./lexical.ts"
import { decodePostings, encodePostings, withoutPostings } from "./postings.ts"

const anyPosting = fc.record({
  no: fc.integer({ min: 1, max: 65_535 }),
  frequency: fc.integer({ min: 1, max: 400 }),
  length: fc.nat(3_000)
})
const anyPostings = fc.uniqueArray(anyPosting, { selector: ({ no }) => no, minLength: 1, maxLength: 60 })
  .map((postings) => postings.sort((a, b) => a.no - b.no))

describe("postings", () => {
  it("come back as they went in: number exact, frequency up to 255, length within 3 %", () => {
    fc.assert(fc.property(anyPostings, fc.nat(40_000), (postings, high) => {
      const moved = postings.map(({ frequency, length, no }) => ({ no: high * 65_536 + no, frequency, length }))
      const { frequencies, lengths, nos } = decodePostings(encodePostings(moved), moved[0]!.no)
      assert.deepStrictEqual([...nos], moved.map(({ no }) => no))
      assert.deepStrictEqual([...frequencies], moved.map(({ frequency }) => Math.min(255, frequency)))
      for (const [i, { length }] of moved.entries()) assert.approximately(lengths[i]!, length, 0.03 * length + 0.03)
    }))
  })

  it("can be taken out of a block", () => {
    fc.assert(fc.property(anyPostings, fc.infiniteStream(fc.boolean()), (postings, chosen) => {
      const removed = new Set(postings.filter(() => chosen.next().value === true).map(({ no }) => no))
      const rest = withoutPostings(encodePostings(postings), postings[0]!.no, removed)
      assert.deepStrictEqual(rest, encodePostings(postings.filter(({ no }) => !removed.has(no))))
    }))
  })
})

describe("bestByWords", () => {
  const statistics = { segments: 70_000, averageLength: 300 }
  const listOf = (term: number, postings: Parameters<typeof encodePostings>[0]) => ({
    dataset: 1,
    term,
    postings: decodePostings(encodePostings(postings), postings[0]!.no)
  })

  it("gives the best of all by BM25, whatever the number of segments, and counts those that match", () => {
    fc.assert(fc.property(anyPostings, anyPostings, fc.integer({ min: 1, max: 20 }), (first, second, limit) => {
      const documentFrequencies = [first.length, second.length]
      const lists = [listOf(0, first), listOf(1, second)]
      const { matched, places } = bestByWords({ lists, documentFrequencies, skipped: [] }, statistics, undefined, limit)
      const scores = new Map<number, number>()
      for (const { postings: { frequencies, lengths, nos }, term } of lists) {
        nos.forEach((no, i) => {
          const weight = idf(statistics.segments, documentFrequencies[term]!)
          const part = weight * saturation(frequencies[i]!, lengths[i]!, statistics.averageLength)
          scores.set(no, (scores.get(no) ?? 0) + part)
        })
      }
      const best = [...scores].sort((a, b) => b[1] - a[1] || a[0] - b[0]).slice(0, limit)
      assert.strictEqual(matched, scores.size)
      assert.deepStrictEqual(places.map(({ no }) => no), best.map(([no]) => no))
      const frequencies = frequenciesOf({ lists, documentFrequencies, skipped: [] }, places, 2)
      const of = (postings: typeof first, no: number) =>
        Math.min(255, postings.find((one) => one.no === no)?.frequency ?? 0)
      assert.deepStrictEqual(frequencies, places.map(({ no }) => [of(first, no), of(second, no)]))
    }))
  })

  it("looks at those allowed alone", () => {
    const lists = [listOf(0, [{ no: 1, frequency: 9, length: 10 }, { no: 2, frequency: 1, length: 10 }])]
    const allowed = new Map([[1, new Set([2])]])
    const { matched, places } = bestByWords({ lists, documentFrequencies: [2], skipped: [] }, statistics, allowed, 5)
    assert.deepStrictEqual(places.map(({ no }) => no), [2])
    assert.strictEqual(matched, 1)
    assert.deepStrictEqual(
      bestByWords({ lists, documentFrequencies: [2], skipped: [] }, statistics, new Map(), 5).places,
      []
    )
  })
})
