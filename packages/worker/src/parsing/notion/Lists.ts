import type { Element } from "@sheaf/domain/documents/Element"
import { oneLine } from "@sheaf/domain/documents/cleanText"

/** Levels that are shown by indentation. */
const maxIndent = 8

type Kind = "bullets" | "numbers" | "tasks"

interface Item {
  readonly list: Kind
  readonly marker: string
  readonly text: string
}

/**
 * Items of one kind that follow each other become one list with whatever lists are in them, as lists of other formats do: a line each, two
 * spaces a level.
 */
export class Lists {
  #lines: Array<string> = []
  /** Where in the page the list stands. */
  #base = 0
  /** What the outermost items are. */
  #kind: Kind = "bullets"
  /** The last number at each depth. */
  readonly #numbers = new Map<number, number>()

  get isOpen(): boolean {
    return this.#lines.length > 0
  }

  /** Whether a block at this depth stands within an item. */
  holds(depth: number): boolean {
    return this.isOpen && depth > this.#base
  }

  /** Whether an item does not belong to the list: it stands further out, or beside it and is of another kind or `begins` a list. */
  endsBefore(depth: number, kind: Kind, begins = false): boolean {
    if (!this.isOpen || depth > this.#base) return false
    return depth < this.#base || kind !== this.#kind || begins
  }

  item(depth: number, { list, marker, text }: Item): void {
    this.#begin(depth, list)
    this.#numbers.delete(depth)
    this.#add(depth, marker, text)
  }

  /** `start`: the number that a list begins with; without it numbers go on. */
  numbered(depth: number, start: number | undefined, text: string): void {
    this.#begin(depth, "numbers")
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
    const lines = this.#lines
    this.#lines = []
    if (lines.length > 0) yield { kind: "list", text: lines.join("\n"), boxes: [] }
  }

  #begin(depth: number, kind: Kind): void {
    if (this.isOpen) return
    this.#base = depth
    this.#kind = kind
  }

  #add(depth: number, marker: string, text: string): void {
    for (const known of this.#numbers.keys()) {
      if (known > depth) this.#numbers.delete(known)
    }
    const line = oneLine(text)
    if (line === "") return
    const indent = "  ".repeat(Math.max(0, Math.min(depth - this.#base, maxIndent)))
    this.#lines.push(`${indent}${marker}${line}`)
  }
}
