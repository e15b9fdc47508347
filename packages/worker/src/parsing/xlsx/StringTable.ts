import { ParseFailure } from "../Parser.ts"
import { feedXml } from "../xml/readXml.ts"

/** Bytes of all strings together. */
const maxBytes = 256 * 1_024 * 1_024

/** Strings that share one page of memory. */
const perPage = 256

/** Characters of one string: no cell shows more. */
const maxLength = 32_767

/**
 * The strings that cells share, as UTF-8 in pages: a million of them take little more than what they say. Reading one again and again
 * decodes it again.
 */
export class StringTable {
  readonly #pages: Array<Buffer> = []
  readonly #ends: Array<Uint32Array> = []
  #open: Array<string> = []
  #size = 0

  add(text: string): void {
    this.#open.push(text.slice(0, maxLength))
    if (this.#open.length === perPage) this.#close()
  }

  get(at: number): string {
    const page = Math.floor(at / perPage)
    const ends = this.#ends[page]
    if (ends === undefined) return page === this.#pages.length ? this.#open[at % perPage] ?? "" : ""
    const place = at % perPage
    return this.#pages[page]!.toString("utf8", place === 0 ? 0 : ends[place - 1], ends[place])
  }

  #close(): void {
    const page = Buffer.from(this.#open.join(""), "utf8")
    let end = 0
    this.#ends.push(Uint32Array.from(this.#open, (text) => end += Buffer.byteLength(text)))
    this.#pages.push(page)
    this.#open = []
    this.#size += page.length
    if (this.#size > maxBytes) {
      throw new ParseFailure({ _tag: "TooLarge", what: "bytes of text in cells", limit: maxBytes, actual: this.#size })
    }
  }
}

/** Reads the part that holds the strings. Runs of one string are joined; how East Asian words are spoken is left out. */
export const readStrings = async (bytes: AsyncIterable<Uint8Array> | null): Promise<StringTable> => {
  const table = new StringTable()
  if (bytes === null) return table
  let text = ""
  let within = false
  let spoken = 0
  const reader = {
    open: (name: string) => {
      if (name === "x:si") text = ""
      else if (name === "x:rPh") spoken++
      else if (name === "x:t") within = spoken === 0
    },
    text: (piece: string) => {
      if (within && text.length < maxLength) text += piece
    },
    close: (name: string) => {
      if (name === "x:si") table.add(text)
      else if (name === "x:rPh") spoken--
      else if (name === "x:t") within = false
    }
  }
  for await (const _ of feedXml(bytes, reader)) continue
  return table
}
