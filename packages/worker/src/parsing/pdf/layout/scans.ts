import type { Drawn } from "../content/pageContent.ts"
import { scanShare } from "../content/pictures.ts"
import type { Segment } from "../text/segments.ts"

/** Segments around one that tell its size. */
const around = 4
/** What is larger than its neighbours by more, or smaller, is meant to be. */
const jitter = 0.35

/** Whether a page is a picture with text over it, or below it: a scan that somebody has recognised. */
export const isScan = (drawn: ReadonlyArray<Drawn>, { height, width }: { height: number; width: number }): boolean =>
  drawn.some(({ at: [a, b, c, d] }) => Math.abs(a * d - b * c) > scanShare * width * height)

/** Recognised lines have the sizes that their letters happen to need: each gets the one that is usual around it. */
export const evenSizes = (segments: ReadonlyArray<Segment>): ReadonlyArray<Segment> =>
  segments.map((segment, at) => {
    const sizes = segments.slice(Math.max(0, at - around), at + around + 1).map(({ size }) => size)
    const usual = sizes.toSorted((a, b) => a - b)[sizes.length >> 1]!
    return Math.abs(segment.size - usual) < jitter * usual ? { ...segment, size: usual } : segment
  })
