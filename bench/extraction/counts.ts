/** How much of what is wanted was found, and how much of what was found is wanted. */
export interface Score {
  readonly recall: number
  readonly precision: number
}

/** Compares two heaps of things: order does not count, how many of each does. */
export const compare = (
  found: ReadonlyArray<string>,
  wanted: ReadonlyArray<string>
): Score & { readonly both: number } => {
  const left = new Map<string, number>()
  for (const one of wanted) left.set(one, (left.get(one) ?? 0) + 1)
  let both = 0
  for (const one of found) {
    const count = left.get(one) ?? 0
    if (count > 0) {
      both++
      left.set(one, count - 1)
    }
  }
  return { both, recall: both / Math.max(1, wanted.length), precision: both / Math.max(1, found.length) }
}

/** The mark of a long vowel belongs to two scripts, and is a letter like any other of theirs. */
const unspaced = String.raw`[\p{scx=Han}\p{scx=Hiragana}\p{scx=Katakana}]`
const word = new RegExp(String.raw`(?=[\p{L}\p{N}])${unspaced}|(?:(?!${unspaced})[\p{L}\p{M}\p{N}])+`, "gu")

/** Words and numbers, lower case; scripts without spaces by letters. */
export const tokens = (text: string): ReadonlyArray<string> => text.normalize("NFKC").toLowerCase().match(word) ?? []
