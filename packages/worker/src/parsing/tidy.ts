import type { Element } from "@sheaf/domain/documents/Element"
import { keepLines, oneLine } from "@sheaf/domain/documents/cleanText"

/** Longest text of one element, in UTF-16 units: keeps messages, memory and the chunker's work bounded whatever the input. */
export const maxElementLength = 16_384

/** Elements as the contract wants them: clean text, none empty, none longer than `maxElementLength`. */
export const tidy = function*(element: Element): Generator<Element> {
  if (element.rows !== undefined) return yield* tidyTable(element, element.rows)
  const text = element.kind === "code" || element.kind === "list" || element.kind === "table"
    ? keepLines(element.text)
    : oneLine(element.text)
  for (const part of pieces(text)) yield { ...element, text: part }
}

const tidyTable = function*(
  element: Element,
  rows: ReadonlyArray<ReadonlyArray<string>>
): Generator<Element> {
  let kept: Array<ReadonlyArray<string>> = []
  let lines: Array<string> = []
  let length = 0
  for (const row of rows) {
    const cells = row.map((cell) => oneLine(cell).slice(0, maxElementLength))
    if (cells.every((cell) => cell === "")) continue
    const line = cells.join(" | ")
    if (length > 0 && length + line.length > maxElementLength) {
      yield { ...element, rows: kept, text: lines.join("\n") }
      kept = []
      lines = []
      length = 0
    }
    kept.push(cells)
    lines.push(line)
    length += line.length + 1
  }
  if (kept.length > 0) yield { ...element, rows: kept, text: lines.join("\n") }
}

/** Cuts at a line end, else at white space, else between graphemes. */
const pieces = function*(text: string): Generator<string> {
  let rest = text
  while (rest.length > maxElementLength) {
    const window = rest.slice(0, maxElementLength)
    const cut = lastBreak(window)
    const piece = rest.slice(0, cut).trimEnd()
    if (piece !== "") yield piece
    rest = rest.slice(cut).trimStart()
  }
  if (rest.trim() !== "") yield rest
}

const graphemes = new Intl.Segmenter(undefined, { granularity: "grapheme" })

const lastBreak = (window: string): number => {
  const line = window.lastIndexOf("\n")
  if (line > window.length / 2) return line + 1
  const space = window.search(/\s\S*$/)
  if (space > window.length / 2) return space + 1
  // The last grapheme may go on behind the window: cut before it. Only the tail is segmented; nothing is that long.
  const tail = window.slice(-256)
  let start = 0
  for (const { index } of graphemes.segment(tail)) start = index
  return start > 0 ? window.length - tail.length + start : window.length
}
