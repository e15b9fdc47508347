import { feedXml } from "../xml/readXml.ts"
import type { Workbook } from "./workbook.ts"

export interface Cell {
  /** From 0. */
  readonly column: number
  readonly text: string
}

/** A row in which something stands: its cells from left to right, empty ones left out. */
export interface SheetRow {
  /** From 1. */
  readonly number: number
  readonly cells: ReadonlyArray<Cell>
}

/** As far as sheets go: `XFD1048576` is the last cell. What names a place beyond has no place of its own. */
const maxColumns = 16_384
const maxRows = 1_048_576

/** Characters that a cell can hold. */
const maxCell = 32_767

/** The rows of a sheet in batches as they are read. Formulas show the value that was computed last. */
export const readRows = async function*(
  bytes: AsyncIterable<Uint8Array>,
  { show, strings }: Pick<Workbook, "show" | "strings">
): AsyncGenerator<ReadonlyArray<SheetRow>> {
  let ready: Array<SheetRow> = []
  let row = 0
  let column = -1
  let cells: Array<Cell> = []
  let type = ""
  let style = 0
  let text = ""
  let within = false
  let spoken = 0
  const reader = {
    open: (name: string, attributes: Readonly<Record<string, string>>) => {
      switch (name) {
        case "x:row": {
          const said = Number(attributes.r ?? row + 1)
          row = said > row && said <= maxRows ? said : row + 1
          column = -1
          cells = []
          break
        }
        case "x:c": {
          const said = columnOf(attributes.r ?? "")
          column = said > column && said < maxColumns ? said : column + 1
          type = attributes.t ?? "n"
          style = Number(attributes.s ?? 0)
          text = ""
          break
        }
        case "x:rPh":
          spoken++
          break
        case "x:v":
        case "x:t":
          within = spoken === 0
      }
    },
    text: (piece: string) => {
      if (within && text.length < maxCell) text += piece
    },
    close: (name: string) => {
      switch (name) {
        case "x:row":
          if (cells.length > 0) ready.push({ number: row, cells })
          break
        case "x:c": {
          const shown = valueOf(type, text)
          if (shown.trim() !== "" && cells.length < maxColumns) cells.push({ column, text: shown.slice(0, maxCell) })
          break
        }
        case "x:rPh":
          spoken--
          break
        case "x:v":
        case "x:t":
          within = false
      }
    }
  }
  const valueOf = (type: string, text: string): string => {
    if (text === "") return ""
    switch (type) {
      case "s":
        return strings.get(Number(text))
      case "b":
        return text === "1" || text === "true" ? "TRUE" : "FALSE"
      case "d":
        return text.replace("T", " ").replace(/(?: 00:00:00)?(?:\.0+)?Z?$/, "")
      case "n": {
        const number = Number(text)
        return Number.isNaN(number) ? text : show(style)(number)
      }
      default:
        return text
    }
  }
  for await (const _ of feedXml(bytes, reader)) {
    if (ready.length === 0) continue
    const rows = ready
    ready = []
    yield rows
  }
}

/** The column of `AB12`, from 0; -1 for what names none. */
const columnOf = (reference: string): number => {
  let column = 0
  let at = 0
  for (; at < reference.length && at < 4; at++) {
    const letter = reference.charCodeAt(at) & ~0x20
    if (letter < 65 || letter > 90) break
    column = column * 26 + letter - 64
  }
  return column - 1
}
