/** A label is short: so many characters and words at the most. */
const maxLength = 30
const maxWords = 3

/** What names a column and says nothing: a few words with a letter, and no end of a sentence. */
const isLabel = (cell: string): boolean => {
  const text = cell.trim()
  return text !== "" && [...text].length <= maxLength && text.split(/\s+/).length <= maxWords &&
    /\p{L}/u.test(text) && !/\p{Sentence_Terminal}/u.test(text)
}

/**
 * Whether the first row of a table seems to name its columns, though by none of the names that are known: all of its cells are labels, each
 * another one, and more than half of the rows below say more than a label does.
 */
export const looksLikeHeader = (first: ReadonlyArray<string>, below: ReadonlyArray<ReadonlyArray<string>>): boolean => {
  const names = new Set(first.map((cell) => cell.trim().toLowerCase()))
  const others = below.filter((cells) => cells.some((cell) => cell.trim() !== "" && !isLabel(cell)))
  return names.size === first.length && first.every(isLabel) && others.length * 2 > below.length
}
