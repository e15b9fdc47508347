const prefixes = ["وال", "بال", "كال", "فال", "ال", "لل"]
const suffixes = ["ها", "ان", "ات", "ون", "ين", "يه", "ه", "ي"]

/**
 * Light stemming of a word in Arabic script: vowel signs and the stretching stroke go, spellings of one letter become one, then the
 * article and conjunctions in front and the commonest endings. (The method of Larkey, Ballesteros and Connell, "light10", 2002.)
 */
export const stemArabic = (word: string): string => {
  let stem = word
    .replace(/[\p{M}\u0640]/gu, "")
    .replace(/[أإآٱ]/g, "ا")
    .replace(/ى/g, "ي")
    .replace(/ة/g, "ه")
  const prefix = prefixes.find((prefix) => stem.startsWith(prefix) && stem.length >= prefix.length + 2)
  if (prefix !== undefined) stem = stem.slice(prefix.length)
  if (stem.startsWith("و") && stem.length >= 4) stem = stem.slice(1)
  for (const suffix of suffixes) {
    if (stem.endsWith(suffix) && stem.length >= suffix.length + 2) stem = stem.slice(0, -suffix.length)
  }
  return stem
}
