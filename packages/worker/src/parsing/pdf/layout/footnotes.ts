import type { Element } from "@sheaf/domain/documents/Element"

/** An element of a page, and the size of its letters. */
export interface Sized {
  readonly element: Element
  readonly size: number
}

/** A number or a sign, as it stands before a note. */
const marker = /^(?:\d{1,3}|[*†‡§¶#]{1,3}|\[\d{1,3}\]|\(\d{1,3}\))[.):]?\s*[\p{L}"“‘'(]/u

/**
 * Which of a page's elements are footnotes: in smaller letters than the body, begun with a mark, in the lower part, and with nothing of
 * the body below them in their column. What follows such a note in the same letters is part of it.
 */
export const footnotesOf = (found: ReadonlyArray<Sized>, bodySize: number): ReadonlySet<Element> => {
  const notes = new Set<Element>()
  for (const [at, { element, size }] of found.entries()) {
    if (!isSmall(element, size, bodySize)) continue
    const before = found[at - 1]
    const goesOn = before !== undefined && notes.has(before.element) && Math.abs(before.size - size) < 0.07 * size &&
      overlap(before.element, element)
    const begins = marker.test(element.text) && topOf(element) > 0.4 &&
      !found.some((other) =>
        other.size > 0.95 * bodySize && other.element.kind !== "caption" && isBelow(other.element, element)
      )
    if (goesOn || begins) notes.add(element)
  }
  // A page in small letters throughout is a list of notes, or references: they are its text.
  return notes.size === found.length ? new Set() : notes
}

const isSmall = ({ kind }: Element, size: number, bodySize: number): boolean =>
  size < 0.92 * bodySize && (kind === "paragraph" || kind === "list")

const topOf = ({ boxes }: Element): number => boxes[0]?.y0 ?? 0

const overlap = (a: Element, b: Element): boolean => {
  const [one, other] = [a.boxes.at(-1), b.boxes[0]]
  return one !== undefined && other !== undefined && Math.min(one.x1, other.x1) > Math.max(one.x0, other.x0)
}

const isBelow = (other: Element, element: Element): boolean =>
  overlap(element, other) && topOf(other) >= (element.boxes.at(-1)?.y1 ?? 1) - 0.005
