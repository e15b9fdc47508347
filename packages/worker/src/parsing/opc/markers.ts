// How numbers of lists are written, in Word and PowerPoint alike.

const roman: ReadonlyArray<readonly [number, string]> = [
  [1_000, "m"],
  [900, "cm"],
  [500, "d"],
  [400, "cd"],
  [100, "c"],
  [90, "xc"],
  [50, "l"],
  [40, "xl"],
  [10, "x"],
  [9, "ix"],
  [5, "v"],
  [4, "iv"],
  [1, "i"]
]

const toRoman = (number: number): string => {
  if (number < 1 || number > 3_999) return String(number)
  let rest = number
  let text = ""
  for (const [value, letters] of roman) {
    while (rest >= value) {
      text += letters
      rest -= value
    }
  }
  return text
}

/** a to z, then aa to zz, as office programs count. */
const toLetters = (number: number): string =>
  number < 1 || number > 780
    ? String(number)
    : String.fromCharCode(97 + (number - 1) % 26).repeat(1 + Math.floor((number - 1) / 26))

/** A number in a format as Word names it; formats of other scripts become digits. */
export const numeral = (number: number, format: string): string => {
  switch (format) {
    case "lowerRoman":
      return toRoman(number)
    case "upperRoman":
      return toRoman(number).toUpperCase()
    case "lowerLetter":
      return toLetters(number)
    case "upperLetter":
      return toLetters(number).toUpperCase()
    case "decimalZero":
      return String(number).padStart(2, "0")
    case "none":
      return ""
    default:
      return String(number)
  }
}
