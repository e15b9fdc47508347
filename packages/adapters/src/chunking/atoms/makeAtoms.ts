import type { Element } from "@sheaf/domain/documents/Element"
import { Effect } from "effect"
import { type CountTokens, LimitTooSmall } from "../Chunker.ts"
import {
  cellCuts,
  codePointCuts,
  codePointGroupCuts,
  type Cuts,
  graphemeCuts,
  graphemeGroupCuts,
  lineCuts,
  sentenceCuts,
  wordCuts,
  wordGroupCuts
} from "../cuts/cuts.ts"
import { tick } from "../cuts/graphemes.ts"
import { type Atom, contentHash, noPath, Rank, textOf } from "./Atom.ts"
import type { Sizes } from "./Sizes.ts"

interface Level {
  readonly rank: number
  readonly cuts: Cuts
}

const fine: ReadonlyArray<Level> = [
  { rank: Rank.words, cuts: wordGroupCuts },
  { rank: Rank.word, cuts: wordCuts },
  { rank: Rank.graphemes, cuts: graphemeGroupCuts },
  { rank: Rank.grapheme, cuts: graphemeCuts },
  { rank: Rank.codePoint, cuts: codePointGroupCuts },
  { rank: Rank.codePoint, cuts: codePointCuts }
]
const lines: Level = { rank: Rank.line, cuts: lineCuts }
const sentences: Level = { rank: Rank.sentence, cuts: sentenceCuts }

/** Where an element that is too long is cut, from the best place to the last resort. */
const levels: { readonly [Kind in Element["kind"]]: ReadonlyArray<Level> } = {
  title: [sentences, ...fine],
  paragraph: [sentences, ...fine],
  caption: [sentences, ...fine],
  image: [sentences, ...fine],
  list: [lines, sentences, ...fine],
  code: [lines, ...fine],
  table: [lines, { rank: Rank.cell, cuts: cellCuts }, ...fine]
}

interface Part {
  readonly element: Element
  readonly start: number
  readonly end: number
  readonly rank: number
  /** The next level to cut it at. */
  readonly level: number
  /** `null` until counted. */
  readonly tokens: number | null
}

/** What is cut before it is counted: so many parts, of so many UTF-16 units. */
const partsPerPage = 4_096
const unitsPerPage = 131_072

/** Most that is cut between two yields to other work. */
const partsPerTurn = 256

/**
 * Cuts elements into atoms that fit into a segment each, and hands them on in order, page by page. Elements without a word vanish. Only
 * what is too long is cut, and only as finely as it must be.
 */
export const makeAtoms = <E, E2>(
  elements: ReadonlyArray<Element>,
  options: {
    readonly sizes: Sizes
    readonly countTokens: CountTokens<E>
    readonly use: (atoms: ReadonlyArray<Atom>) => Effect.Effect<void, E2>
  }
): Effect.Effect<void, E | E2 | LimitTooSmall> => {
  const { countTokens, sizes, use } = options
  const toAtom = atomsOf(sizes)

  const count = Effect.fnUntraced(function*(page: ReadonlyArray<Part>) {
    if (page.every(({ tokens }) => tokens !== null)) return page
    const uncounted = page.filter((part) => part.tokens === null && !isLong(part, sizes))
    const counts = uncounted.length === 0 ? [] : yield* countTokens(uncounted.map(partText))
    const counted = new Map(uncounted.map((part, i) => [part, counts[i]]))
    return page.map((part) => part.tokens === null ? { ...part, tokens: counted.get(part) ?? beyondCounting } : part)
  })

  const settle = (parts: Iterator<Part | null>): Effect.Effect<void, E | E2 | LimitTooSmall> =>
    Effect.gen(function*() {
      while (true) {
        const page = yield* count(yield* nextPage(parts))
        if (page.length === 0) return
        const hopeless = page.find((part) => !fits(part, sizes) && part.level >= levels[part.element.kind].length)
        if (hopeless !== undefined) {
          const tokens = hopeless.tokens ?? beyondCounting
          return yield* new LimitTooSmall({ text: partText(hopeless), tokens, limit: sizes.maxTokens })
        }
        if (page.every((part) => fits(part, sizes))) yield* use(page.map(toAtom))
        else yield* settle(cutLong(page, sizes))
      }
    })

  return settle(wholeParts(elements))
}

const beyondCounting = Number.MAX_SAFE_INTEGER

/** Units a token that a whole element may have and be counted: a longer one is cut at its first level as it is, and its parts counted. */
const unitsPerToken = 8

const isLong = ({ end, level, start }: Part, { maxTokens }: Sizes): boolean =>
  level === 0 && end - start > unitsPerToken * maxTokens

const partText = ({ element, end, start }: Part): string => textOf(element, start, end)

const fits = (part: Part, sizes: Sizes): boolean => sizes.fits(partText(part), part.tokens ?? beyondCounting)

const nextPage = Effect.fnUntraced(function*(parts: Iterator<Part | null>) {
  const page: Array<Part> = []
  let units = 0
  for (let next = parts.next(); next.done !== true; next = parts.next()) {
    const part = next.value
    if (part !== null) {
      page.push(part)
      units += part.end - part.start
      if (page.length >= partsPerPage || units >= unitsPerPage) break
    }
    if (part === null || page.length % partsPerTurn === 0) yield* Effect.yieldNow
  }
  return page
})

function* wholeParts(elements: ReadonlyArray<Element>): Generator<Part> {
  for (const element of elements) {
    const end = element.text.length
    if (element.text.trim() !== "") yield { element, start: 0, end, rank: Rank.block, level: 0, tokens: null }
  }
}

/** The same parts with those that are too long cut once more. `null` is a pause. */
function* cutLong(page: ReadonlyArray<Part>, sizes: Sizes): Generator<Part | null> {
  for (const part of page) {
    if (fits(part, sizes)) yield part
    else yield* cutOnce(part)
  }
}

function* cutOnce(part: Part): Generator<Part | null> {
  const { cuts, rank } = levels[part.element.kind][part.level]!
  const { text } = part.element
  const level = part.level + 1
  // One piece is held back: white space at the end belongs to it.
  let held: Part | null = null
  let start = part.start
  for (const end of cuts(text, part.start, part.end)) {
    if (end === tick) yield null
    // Nothing but white space goes with what follows.
    else if (text.slice(start, end).trim() !== "") {
      if (held !== null) yield held
      held = { ...part, start, end, level, rank: held === null ? part.rank : rank, tokens: null }
      start = end
    }
  }
  if (held === null) yield { ...part, level, tokens: part.tokens === beyondCounting ? null : part.tokens }
  else if (text.slice(start, part.end).trim() === "") yield { ...held, end: part.end }
  else {
    yield held
    yield { ...part, start, level, rank, tokens: null }
  }
}

/** Turns parts, in order, into atoms; rows of a table that was cut get its first row, if that leaves most of a segment to them. */
const atomsOf = (sizes: Sizes) => {
  let header: Atom | null = null
  return ({ element, end, rank, start, tokens }: Part): Atom => {
    if (header?.element !== element) header = null
    const text = textOf(element, start, end)
    const counted = tokens ?? beyondCounting
    const size = sizes.sizeOf(text, counted)
    const atom: Atom = {
      element,
      start,
      end,
      tokens: counted,
      size,
      rank,
      hash: contentHash(text),
      path: noPath,
      header
    }
    const isFirstRow = element.kind === "table" && start === 0 && element.text.indexOf("\n") === end - 1
    if (isFirstRow && size * 3 <= sizes.capacity) header = atom
    return atom
  }
}
