import type { Element } from "@sheaf/domain/documents/Element"
import type { Warn } from "../Chunker.ts"
import { type PairColumns, pairColumns } from "./columns.ts"
import { type Pair, sourceOf } from "./Pair.ts"

interface Options {
  readonly questionColumn: string | undefined
  readonly answerColumn: string | undefined
  readonly warn: Warn
}

/** Takes pairs from the rows of tables. A table that begins with the same row as the one before goes on with it. */
export class TablePairs {
  readonly #options: Options
  #first = ""
  /** Rows of the table so far, the first row included. */
  #rows = 0
  #columns: PairColumns | null = null

  constructor(options: Options) {
    this.#options = options
  }

  /** `null`: the table has no such columns. */
  read(element: Element, headingPath: ReadonlyArray<string>): ReadonlyArray<Pair> | null {
    const [first, ...others] = element.rows ?? []
    if (first === undefined) return null
    const key = JSON.stringify(first)
    const goesOn = key === this.#first && this.#columns?.hasHeader === true
    if (!goesOn) {
      const { answerColumn: answer, questionColumn: question } = this.#options
      this.#first = key
      this.#rows = 1
      this.#columns = pairColumns(first, { question, answer })
    }
    const columns = this.#columns
    if (columns === null) return null
    const rows = columns.hasHeader ? others : [first, ...others]
    if (!columns.hasHeader) this.#rows = 0
    const isLined = element.boxes.length === others.length + 1
    return rows.flatMap((row, at) => {
      this.#rows++
      const boxes = isLined ? element.boxes.slice(at, at + 1) : element.boxes
      return this.#pairOf(row, columns, { ...sourceOf([{ ...element, boxes }]), headingPath })
    })
  }

  #pairOf(row: ReadonlyArray<string>, columns: PairColumns, rest: Omit<Pair, "question" | "answer" | "place">) {
    const question = row[columns.question]?.trim() ?? ""
    const answer = row[columns.answer]?.trim() ?? ""
    const place = `row ${this.#rows}`
    if (question !== "" && answer !== "") return [{ question, answer, place, ...rest }]
    if (row.some((cell) => cell.trim() !== "")) {
      this.#options.warn(`${place}: has no ${question === "" ? "question" : "answer"}, and was left out`)
    }
    return []
  }
}
