import { SegmentId } from "@sheaf/domain/ids"
import type { SearchMode } from "@sheaf/domain/search/Search"
import { assert, describe, it } from "@effect/vitest"
import * as fc from "fast-check"
import { makeRanker, rank, type RankQuery } from "./ranking.ts"
import type { Candidate } from "./SearchIndex.ts"

const space = { vectorWeight: 0.2, cosineFloor: 0.2 }
const modes: ReadonlyArray<SearchMode> = ["keyword", "vector", "hybrid"]

const query = (mode: SearchMode, more: Partial<RankQuery> = {}): RankQuery => ({
  mode,
  terms: ["turbin", "inspect"],
  weights: [1, 2],
  space,
  spoken: true,
  ...more
})
const statistics = { segments: 1_000, averageLength: 100, documentFrequencies: [40, 7] }

const candidate = (frequencies: ReadonlyArray<number>, cosine: number | null, length = 100): Candidate => ({
  segmentId: SegmentId.make("0198c0de-0000-7000-8000-000000000001"),
  frequencies,
  length,
  cosine
})

const anyCandidate = fc.record({
  segmentId: fc.uuid().map((id) => SegmentId.make(id)),
  frequencies: fc.array(fc.nat(60_000), { minLength: 2, maxLength: 2 }),
  length: fc.nat(70_000),
  cosine: fc.option(fc.double({ min: -1.01, max: 1.01, noNaN: true }))
})
const anyMode = fc.constantFrom(...modes)
const anyStatistics = fc.record({
  segments: fc.nat(1_000_000),
  averageLength: fc.double({ min: 0, max: 500, noNaN: true }),
  documentFrequencies: fc.array(fc.nat(1_000_000), { minLength: 2, maxLength: 2 })
})
const anySpace = fc.record({
  vectorWeight: fc.double({ min: 0, max: 1, noNaN: true }),
  cosineFloor: fc.double({ min: -1, max: 0.999, noNaN: true })
})

describe("ranking", () => {
  it("scores between 0 and 1, as the sum of its parts", () => {
    fc.assert(fc.property(
      anyMode,
      anyCandidate,
      anyStatistics,
      anySpace,
      fc.boolean(),
      (mode, candidate, statistics, space, spoken) => {
        const score = makeRanker(query(mode, { space, spoken }), statistics).score(candidate)
        const { lexical, total, vector } = score
        assert.isTrue(total >= 0 && total <= 1 + 1e-12)
        assert.strictEqual(lexical.contribution + vector.contribution, total)
        assert.isTrue(lexical.contribution >= 0 && vector.contribution >= 0)
        assert.isAtMost(lexical.bm25, lexical.upperBound + 1e-9)
      }
    ))
  })

  it("never ranks more of a word, or a nearer vector, lower", () => {
    fc.assert(fc.property(
      anyMode,
      anyCandidate,
      fc.nat(100),
      fc.double({ min: 0, max: 1, noNaN: true }),
      (mode, candidate, more, nearer) => {
        const { score } = makeRanker(query(mode), statistics)
        const [first = 0, second = 0] = candidate.frequencies
        const better = {
          ...candidate,
          frequencies: [first + more, second],
          cosine: candidate.cosine === null ? null : candidate.cosine + nearer
        }
        assert.isAtLeast(score(better).total, score(candidate).total - 1e-12)
      }
    ))
  })

  it("gives a candidate the same score whoever else was found, so that a threshold keeps its meaning", () => {
    fc.assert(fc.property(anyMode, anyCandidate, fc.array(anyCandidate), (mode, one, others) => {
      const found = (candidates: ReadonlyArray<Candidate>) =>
        rank(query(mode), { candidates, statistics, exhausted: true }).find((hit) => hit.segmentId === one.segmentId)
      assert.deepStrictEqual(found([...others, one]), found([one]))
    }))
  })

  it("orders by score and then by id, whatever the order of the candidates", () => {
    fc.assert(
      fc.property(anyMode, fc.uniqueArray(anyCandidate, { selector: (c) => c.segmentId }), (mode, candidates) => {
        const hits = rank(query(mode), { candidates, statistics, exhausted: true })
        assert.deepStrictEqual(
          hits,
          rank(query(mode), { candidates: candidates.toReversed(), statistics, exhausted: true })
        )
        for (const [i, hit] of hits.slice(1).entries()) assert.isTrue(hits[i]!.score.total >= hit.score.total)
      })
    )
  })

  it("says which part the score comes from", () => {
    const both = makeRanker(query("hybrid"), statistics).score(candidate([2, 0], 0.6))
    assert.deepStrictEqual(both.lexical.matched, ["turbin"])
    assert.approximately(both.vector.contribution, 0.2 * 0.5, 1e-12)
    assert.isAbove(both.lexical.contribution, 0)
    assert.isUndefined(both.lexicalOnly)
    const words = makeRanker(query("keyword"), statistics).score(candidate([2, 0], 0.6))
    assert.strictEqual(words.vector.contribution, 0)
    assert.strictEqual(words.lexicalOnly, "mode")
    const vector = makeRanker(query("vector"), statistics).score(candidate([2, 0], 0.6))
    assert.strictEqual(vector.lexical.contribution, 0)
    assert.approximately(vector.total, 0.5, 1e-12)
  })

  it("counts words that no text has: one of two found is not the same as all found", () => {
    const { score } = makeRanker(query("keyword", { weights: [1, 1] }), { ...statistics, documentFrequencies: [40, 0] })
    assert.isBelow(score(candidate([50, 0], null)).total, 0.5)
  })

  it("scores by words alone, and as keyword mode does, where vectors say nothing", () => {
    const keyword = makeRanker(query("keyword"), statistics).score(candidate([2, 1], null)).total
    const bare = makeRanker(query("hybrid"), statistics).score(candidate([2, 1], null))
    assert.deepStrictEqual([bare.total, bare.lexicalOnly], [keyword, "no-vector"])
    const foreign = makeRanker(query("hybrid"), statistics).score(candidate([2, 1], 0.9), { spoken: false })
    assert.deepStrictEqual([foreign.total, foreign.lexicalOnly], [keyword, "language"])
    const unspoken = makeRanker(query("vector", { spoken: false }), statistics).score(candidate([2, 1], null))
    assert.deepStrictEqual([unspoken.total, unspoken.lexicalOnly], [keyword, "language"])
  })

  it("leaves out what nothing speaks for", () => {
    const candidates = [candidate([0, 0], 0.1), candidate([0, 0], null)]
    for (const mode of modes) assert.deepStrictEqual(rank(query(mode), { candidates, statistics, exhausted: true }), [])
  })
})
