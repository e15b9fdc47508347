import type { Element } from "@sheaf/domain/documents/Element"
import type { PageRange } from "../../parsing/Parser.ts"

/** Most pages without text in one unit: reading one takes seconds, and a unit is done, seen or given up as a whole. */
export const pagesToRead = 4

/** Gathers which pages of a range have text, from the elements of the range. */
export class PageTexts {
  readonly #pages = new Set<number>()

  add({ boxes, kind }: Element): void {
    // A picture of words is what this is all about.
    if (kind !== "image") { for (const { page } of boxes) this.#pages.add(page) }
  }

  missing({ first, last }: PageRange): ReadonlyArray<number> {
    return Array.from({ length: last - first + 1 }, (_, at) => first + at).filter((page) => !this.#pages.has(page))
  }
}

/** Parts of a range, in each of which no more than `most` of the pages are. */
export const cutAt = (range: PageRange, pages: ReadonlyArray<number>, most: number): ReadonlyArray<PageRange> => {
  const begins = [range.first, ...pages.filter((_, at) => at > 0 && at % most === 0)]
  return begins.map((first, at) => ({ first, last: (begins[at + 1] ?? range.last + 1) - 1 }))
}
