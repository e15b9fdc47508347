import { createHash } from "node:crypto"
import type { PageRange } from "../../parsing/Parser.ts"

/** Grows when the parsers give other elements for the same bytes: older artefacts are then not used again. */
const parserVersion = 6

/** Most pages of a unit: few enough to be retried and watched. */
const pagesPerUnit = 64

/**
 * Up to here a document is one unit: what a second process has to find out of the file, and the pages around a range that are read for
 * their neighbours' sake, would cost more than half of the pages.
 */
const pagesAtOnce = 40

/** Names the elements of a page range by all that they depend on. */
export const artefactOf = (
  { bare = false, contentHash, edition = 0, hint, textAs }: {
    readonly contentHash: string
    readonly hint: string
    /** How often all of the document was to be parsed again. */
    readonly edition?: number
    readonly textAs?: string | undefined
    /** Tables without pictures. */
    readonly bare?: boolean
  },
  range: PageRange | null
): string =>
  createHash("sha256")
    .update(
      JSON.stringify([
        parserVersion,
        contentHash,
        hint,
        range?.first ?? null,
        range?.last ?? null,
        // What nobody has said anything about has the name that it always had.
        ...(edition === 0 && textAs === undefined ? [] : [edition, textAs ?? null]),
        ...(bare ? ["bare"] : [])
      ])
    )
    .digest("hex")
    .slice(0, 32)

/** Grows when the same page is read as other elements. */
const readingVersion = 2

/** Names the same elements with what was read of pages without text. */
export const recognisedArtefactOf = (artefact: string, languages: ReadonlyArray<string>): string =>
  createHash("sha256").update(JSON.stringify([readingVersion, artefact, languages])).digest("hex").slice(0, 32)

/**
 * The units of a document: one per range of pages, or one for all of a format without pages. Ranges are of a length, and there is an even
 * number of them, so that two processes are done at the same time. Of these, the parts that are wanted; none where none of the pages is there.
 */
export const rangesOf = (
  pages: number,
  wanted?: ReadonlyArray<PageRange> | undefined
): ReadonlyArray<PageRange | null> => {
  if (pages === 0) return [null]
  const ranges = allRanges(pages)
  if (wanted === undefined) return ranges
  return ranges.flatMap((range) =>
    wanted.flatMap(({ first, last }) => {
      const part = { first: Math.max(first, range.first), last: Math.min(last, range.last) }
      return part.first <= part.last ? [part] : []
    })
  )
}

const allRanges = (pages: number): ReadonlyArray<PageRange> => {
  if (pages <= pagesAtOnce) return [{ first: 1, last: pages }]
  const count = 2 * Math.ceil(pages / (2 * pagesPerUnit))
  const lastOf = (index: number) => Math.round((pages * (index + 1)) / count)
  return Array.from({ length: count }, (_, index) => ({ first: lastOf(index - 1) + 1, last: lastOf(index) }))
}

/**
 * Ranges in the order in which they are begun. Of two processes, one goes through the first half and one through the second: each has at
 * hand what it read of the pages before its next range, and reads few pages of the other's.
 */
export const inTurns = <A>(ranges: ReadonlyArray<A>): ReadonlyArray<A> => {
  const half = Math.ceil(ranges.length / 2)
  return ranges.slice(0, half).flatMap((range, at) => [range].concat(ranges.slice(half + at, half + at + 1)))
}
