/** Judgements of one query: grade by document, 0 left out. */
export type Judgements = ReadonlyMap<string, number>

const gain = (grades: ReadonlyArray<number>): number =>
  grades.reduce((sum, grade, rank) => sum + grade / Math.log2(rank + 2), 0)

/** nDCG at 10 with linear gain, as trec_eval has it. `ranking` names documents, the best first. */
export const ndcg10 = (ranking: ReadonlyArray<string>, judgements: Judgements): number => {
  const ideal = [...judgements.values()].sort((a, b) => b - a).slice(0, 10)
  return gain(ranking.slice(0, 10).map((id) => judgements.get(id) ?? 0)) / gain(ideal)
}

/** Share of the judged documents among the first ten. */
export const recall10 = (ranking: ReadonlyArray<string>, judgements: Judgements): number =>
  ranking.slice(0, 10).filter((id) => judgements.has(id)).length / judgements.size

export const mean = (values: ReadonlyArray<number>): number =>
  values.reduce((sum, value) => sum + value, 0) / values.length

/** The value that a share of all values does not exceed: `percentile(times, 0.99)`. */
export const percentile = (values: ReadonlyArray<number>, share: number): number =>
  [...values].sort((a, b) => a - b)[Math.min(values.length - 1, Math.floor(values.length * share))]!
