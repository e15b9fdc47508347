import type { Element } from "@sheaf/domain/documents/Element"
import { oneLine } from "@sheaf/domain/documents/cleanText"

/** Levels that are shown by indentation. */
const maxIndent = 8

interface Item {
  readonly depth: number
  readonly line: string
}

/** Items that follow each other become one list, as lists of other formats do: a line each, two spaces a level. */
export class Lists {
  #items: Array<Item> = []
  /** Where in the page the list stands. */
  #base = 0
  /** The last number at each depth. */
  readonly #numbers = new Map<number, number>()

  get isOpen(): boolean {
    return this.#items.length > 0
  }

  /** Whether a block at this depth stands within an item. */
  holds(depth: number): boolean {
    return this.isOpen && depth > this.#base
  }

  item(depth: number, marker: string, text: string): void {
    this.#numbers.delete(depth)
    this.#add(depth, marker, text)
  }

  numbered(depth: number, start: number | undefined, text: string): void {
    const number = start ?? (this.#numbers.get(depth) ?? 0) + 1
    this.#add(depth, `${number}. `, text)
    this.#numbers.set(depth, number)
  }

  /** More words of an item. */
  words(depth: number, text: string): void {
    this.#add(depth, "", text)
  }

  /** Another block at this depth: numbers at it and below begin anew. */
  interrupt(depth: number): void {
    for (const known of this.#numbers.keys()) {
      if (known >= depth) this.#numbers.delete(known)
    }
  }

  /** The list that is complete. */
  *end(): Generator<Element> {
    const items = this.#items
    this.#items = []
    if (items.length > 0) yield { kind: "list", text: items.map(({ line }) => line).join("\n"), boxes: [] }
  }

  #add(depth: number, marker: string, text: string): void {
    for (const known of this.#numbers.keys()) {
      if (known > depth) this.#numbers.delete(known)
    }
    if (!this.isOpen) this.#base = depth
    const line = oneLine(text)
    if (line === "") return
    const indent = "  ".repeat(Math.max(0, Math.min(depth - this.#base, maxIndent)))
    this.#items.push({ depth, line: `${indent}${marker}${line}` })
  }
}
