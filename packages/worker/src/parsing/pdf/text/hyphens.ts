/** First parts of compounds that English writes with a hyphen more often than not. */
const firstParts = new Set(
  "self,non,well,high,low,cross,long,mixed,user,full,half,two,three,four,five,single,double,third,first,large,small,built,decision,cost,same,fixed,deep,heavy,near,semi,quasi"
    .split(",")
)

/** Words with a hyphen in a text, as they are compared: lower case. */
export const compoundsIn = (text: string): ReadonlyArray<string> =>
  text.toLowerCase().match(/(?<![\p{L}-])\p{L}{2,}-\p{L}{2,}(?![\p{L}-])/gu) ?? []

const lastWord = /([\p{L}-]*)[-\u2010]$/u
const firstWord = /^[\p{L}]+/u

/**
 * Whether the hyphen at the end of a line belongs to the word that is broken there: `mixed-` and `mode`, when the document writes
 * `mixed-mode` elsewhere, when the word has another hyphen, or when its first part is one that compounds begin with.
 */
export const keepsHyphen = (first: string, second: string, compounds: ReadonlySet<string>): boolean => {
  const begin = lastWord.exec(first)?.[1] ?? ""
  const end = firstWord.exec(second)?.[0] ?? ""
  if (begin.includes("-")) return true
  if (compounds.has(`${begin}-${end}`.toLowerCase())) return true
  // A few letters after the hyphen are an ending rather than a word.
  return firstParts.has(begin.toLowerCase()) && end.length > 3
}
