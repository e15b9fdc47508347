import { rank } from "@sheaf/adapters/search/ranking"
import type { Prepared } from "./Candidates.ts"

export interface Setting {
  readonly vectorWeight: number
  readonly cosineFloor: number
}

export interface Scored extends Setting {
  readonly ndcg10: number
}

export const weights = [0, 0.05, 0.1, 0.15, 0.2, 0.25, 0.3, 0.4, 0.5, 0.7, 1] as const
export const floors = [0, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7] as const

const gain = (grades: ReadonlyArray<number>): number =>
  grades.reduce((sum, grade, place) => sum + grade / Math.log2(place + 2), 0)

/** nDCG of the first ten with linear gain, the mean of all questions. */
export const quality = (questions: ReadonlyArray<Prepared>, space: Setting): number =>
  questions.reduce((sum, { found, grades, spoken, terms, weights }) => {
    const ranked = rank({ mode: "hybrid", terms, weights, spoken, space }, found).slice(0, 10)
    const ideal = gain([...grades.values()].sort((a, b) => b - a).slice(0, 10))
    return sum + (ideal === 0 ? 0 : gain(ranked.map(({ segmentId }) => grades.get(segmentId) ?? 0)) / ideal)
  }, 0) / questions.length

/** The best setting; of equals, the one with the smaller part of the vectors, which is the safer one with other texts. */
export const bestOf = (grid: ReadonlyArray<Scored>): Scored =>
  grid.reduce((best, next) => next.ndcg10 > best.ndcg10 + 1e-9 ? next : best)
