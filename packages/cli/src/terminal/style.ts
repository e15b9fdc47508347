import { CliOutput } from "effect/cli"
import { stripVTControlCharacters, styleText } from "node:util"

// Text of the terminal: coloured only where the stream is a terminal that shows colours. `styleText` obeys NO_COLOR,
// NODE_DISABLE_COLORS and FORCE_COLOR.

type Format = Parameters<typeof styleText>[0]

export interface Style {
  readonly bold: (text: string) => string
  readonly dim: (text: string) => string
  readonly red: (text: string) => string
  readonly green: (text: string) => string
  readonly yellow: (text: string) => string
  readonly cyan: (text: string) => string
}

export const styleFor = (stream: NodeJS.WritableStream): Style => {
  const as = (format: Format) => (text: string) => styleText(format, text, { stream })
  return {
    bold: as("bold"),
    dim: as("dim"),
    red: as("red"),
    green: as("green"),
    yellow: as("yellow"),
    cyan: as("cyan")
  }
}

// oxlint-disable-next-line no-control-regex
const unfit = /[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u200e\u200f\u202a-\u202e\u2066-\u2069]/g

/** Text that is safe to print: names and content come from strangers, and control characters command a terminal. */
export const printable = (text: string): string => stripVTControlCharacters(text).replace(unfit, " ")

const graphemes = new Intl.Segmenter()

/** Cuts a text without formatting to so many columns, ending in `…` where something is missing. */
export const cut = (text: string, columns: number): string => {
  if (CliOutput.displayWidth(text) <= columns) return text
  const kept: Array<string> = []
  let room = columns - 1
  for (const { segment } of graphemes.segment(text)) {
    room -= CliOutput.displayWidth(segment)
    if (room < 0) break
    kept.push(segment)
  }
  return `${kept.join("")}…`
}

/** Fills a text up to so many columns with spaces. */
export const pad = (text: string, columns: number): string =>
  text + " ".repeat(Math.max(0, columns - CliOutput.displayWidth(stripVTControlCharacters(text))))
