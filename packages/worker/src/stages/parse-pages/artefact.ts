import { createHash } from "node:crypto"
import type { PageRange } from "../../parsing/Parser.ts"

/** Grows when the parsers give other elements for the same bytes: older artefacts are then not used again. */
const parserVersion = 1

/** Pages per unit: small enough to be retried and watched, large enough that opening the file again costs little. */
const pagesPerUnit = 32

/** Names the elements of a page range by all that they depend on. */
export const artefactOf = (
  content: { readonly contentHash: string; readonly hint: string },
  range: PageRange | null
): string =>
  createHash("sha256")
    .update(
      JSON.stringify([parserVersion, content.contentHash, content.hint, range?.first ?? null, range?.last ?? null])
    )
    .digest("hex")
    .slice(0, 32)

/** The units of a document: one per range of pages, or one for all of a format without pages. */
export const rangesOf = (pages: number): ReadonlyArray<PageRange | null> =>
  pages === 0
    ? [null]
    : Array.from({ length: Math.ceil(pages / pagesPerUnit) }, (_, index) => ({
      first: index * pagesPerUnit + 1,
      last: Math.min(pages, (index + 1) * pagesPerUnit)
    }))
