import { ParseFailure } from "../Parser.ts"
import type { Json } from "./lines.ts"

/** Characters of one item. */
const maxItem = 8 * 1_024 * 1_024

/**
 * The items of a JSON array, one after another, without holding the array. Throws `Corrupt` where it is no array or breaks off, and
 * `TooLarge` for an item beyond all measure.
 */
export const arrayItems = async function*(text: AsyncIterable<string>): AsyncGenerator<Json> {
  const cutter = new ItemCutter()
  for await (const part of text) yield* cutter.add(part)
  cutter.end()
}

/** Finds where items end: by counting brackets outside of strings. */
class ItemCutter {
  #depth = 0
  #inString = false
  #escaped = false
  #over = false
  #item = ""
  #count = 0

  end(): void {
    if (!this.#over || this.#item.trim() !== "") throw this.#damaged("it breaks off, or goes on behind its end")
  }

  *add(part: string): Generator<Json> {
    let from = 0
    for (let at = 0; at < part.length; at++) {
      const code = part.charCodeAt(at)
      if (this.#inString) {
        if (this.#escaped) this.#escaped = false
        else if (code === backslash) this.#escaped = true
        else if (code === quote) this.#inString = false
        continue
      }
      if (code === quote) this.#inString = true
      else if (code === openBracket || code === openBrace) {
        if (++this.#depth === 1) {
          if (this.#over || code !== openBracket || this.#item.trim() + part.slice(from, at).trim() !== "") {
            throw this.#damaged("it is not one array")
          }
          from = at + 1
        }
      } else if (code === closeBracket || code === closeBrace) {
        this.#depth--
        if (this.#depth < 0) throw this.#damaged("a bracket closes nothing")
        if (this.#depth === 0) {
          yield* this.#finish(part.slice(from, at), this.#count === 0)
          from = at + 1
          this.#over = true
        }
      } else if (code === comma && this.#depth === 1) {
        yield* this.#finish(part.slice(from, at), false)
        from = at + 1
      }
    }
    this.#item += part.slice(from)
    if (this.#item.length > maxItem) {
      const actual = this.#item.length
      throw new ParseFailure({ _tag: "TooLarge", what: "characters in one item of an array", limit: maxItem, actual })
    }
  }

  *#finish(rest: string, mayBeEmpty: boolean): Generator<Json> {
    const text = this.#item + rest
    this.#item = ""
    if (mayBeEmpty && text.trim() === "") return
    this.#count++
    let item: Json
    try {
      item = JSON.parse(text)
    } catch (error) {
      throw this.#damaged(error instanceof Error ? error.message.slice(0, 120) : "it is no JSON")
    }
    yield item
  }

  #damaged(detail: string): ParseFailure {
    return new ParseFailure({ _tag: "Corrupt", detail: `item ${this.#count + 1} of the JSON array: ${detail}` })
  }
}

const quote = 0x22
const comma = 0x2c
const backslash = 0x5c
const openBracket = 0x5b
const closeBracket = 0x5d
const openBrace = 0x7b
const closeBrace = 0x7d
