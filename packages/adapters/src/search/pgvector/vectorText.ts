import type { SqlClient } from "effect/sql"
import type { Fragment } from "effect/sql/Statement"

/** The length of a vector in its text: steps far finer than those of half precision, which the tables keep. */
const whole = 2 ** 20

/**
 * A vector as pgvector reads it, in whole numbers: PGlite takes eight times as long to read decimals. It has not the length 1; see
 * `unit`.
 */
export const vectorText = (vector: Float32Array): string => {
  let squares = 0
  for (const value of vector) squares += value * value
  const scale = whole / (Math.sqrt(squares) || 1)
  let text = ""
  for (const value of vector) text += `,${Math.round(value * scale)}`
  return `[${text.slice(1)}]`
}

/**
 * The direction of a vector, in the precision of the tables: cosines stay the same, half precision holds whatever size the model
 * gives, and the inner product of two such vectors is their cosine.
 */
export const unit = (sql: SqlClient.SqlClient, vector: Fragment): Fragment => sql`l2_normalize(${vector})::halfvec`

/** The numbers in the text of a vector. */
export const numbersOf = (text: string): Float32Array => Float32Array.from(text.slice(1, -1).split(","), Number)
