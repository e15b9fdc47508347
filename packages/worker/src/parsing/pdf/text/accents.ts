// Some programs set an accented letter as two, an accent that takes room and the letter below it: TeX does with its older fonts.

/** Accents that take room, and those that go with the letter before them (Unicode, Combining Diacritical Marks). */
const combining: Readonly<Record<string, string>> = {
  "`": "\u0300",
  "\u00b4": "\u0301",
  "\u02c6": "\u0302",
  "\u02dc": "\u0303",
  "\u00af": "\u0304",
  "\u02d8": "\u0306",
  "\u02d9": "\u0307",
  "\u00a8": "\u0308",
  "\u02da": "\u030a",
  "\u02dd": "\u030b",
  "\u02c7": "\u030c",
  "\u00b8": "\u0327",
  "\u02db": "\u0328"
}

const dotless: Readonly<Record<string, string>> = { "\u0131": "i", "\u0237": "j" }

export const isAccent = (letter: string): boolean =>
  // Most letters need no more than this look.
  letter < "\u00a8" ? letter === "`" : combining[letter] !== undefined

/** The one letter that a letter and an accent are together; null where there is none. */
export const accented = (accent: string, letter: string): string | null => {
  const mark = combining[accent]
  if (mark === undefined) return null
  const one = `${dotless[letter] ?? letter}${mark}`.normalize("NFC")
  return one.length === 1 ? one : null
}
