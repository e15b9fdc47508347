import { saturation } from "../../ranking.ts"

/** The fields that words stand in, the strongest first, with the weight by which the engine orders hits. */
export const impactFields = [["t5", 5], ["t4", 4], ["t3", 3], ["t2", 2], ["t1", 1]] as const

type ImpactField = typeof impactFields[number][0]

/** BM25's worth of a word in its segment, above which it belongs into the field; the last field takes the rest. */
const bounds = [1.6, 1.4, 1.2, 1.0]

/**
 * Words by what they are worth in a segment of this length. The engine gives the strongest hits of a word first, so that a page of
 * them holds the candidates that matter; their scores are computed anew, so a mean length that has changed since costs little.
 */
export const impactTexts = (
  words: ReadonlyMap<string, number>,
  length: number,
  averageLength: number
): Partial<Record<ImpactField, string>> => {
  const lists: ReadonlyArray<Array<string>> = impactFields.map(() => [])
  for (const [word, frequency] of words) {
    const worth = saturation(frequency, length, averageLength)
    const place = bounds.findIndex((bound) => worth >= bound)
    lists.at(place)!.push(word)
  }
  return Object.fromEntries(
    impactFields.flatMap(([field], i) => lists[i]!.length === 0 ? [] : [[field, lists[i]!.join(" ")]])
  )
}
