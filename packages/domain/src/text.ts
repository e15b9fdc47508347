import { Schema } from "effect"

/**
 * Text that a database can keep: no NUL and no half of a surrogate pair, which neither PostgreSQL nor UTF-8 have a place for. For
 * every text that is stored as it was sent.
 */
export const isStorable = Schema.makeFilter((text: string) =>
  (text.isWellFormed() && !text.includes("\u0000")) || "text without NUL characters and unpaired surrogates"
)
