import type { Element } from "@sheaf/domain/documents/Element"
import { Effect } from "effect"
import { type CountTokens, LimitTooSmall } from "../Chunker.ts"
import {
  cellCuts,
  codePointCuts,
  type Cuts,
  graphemeCuts,
  graphemeGroupCuts,
  lineCuts,
  sentenceCuts,
  wordCuts,
  wordGroupCuts
} from "../cuts/cuts.ts"
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
  readonly tokens: number
}

/** Most that is cut between two yields, and sent in one call to the tokenizer. */
const unitsPerTurn = 16_384
const unitsPerCall = 262_144

/** Cuts elements into atoms that fit into a segment each. Elements without a word vanish. */
export const makeAtoms = Effect.fnUntraced(function*<E>(
  elements: ReadonlyArray<Element>,
  sizes: Sizes,
  countTokens: CountTokens<E>
) {
  const count = Effect.fnUntraced(function*(parts: ReadonlyArray<Part>) {
    const counted: Array<Part> = []
    let from = 0
    for (let to = 0, units = 0; to < parts.length; to++) {
      units += parts[to]!.end - parts[to]!.start
      if (units < unitsPerCall && to < parts.length - 1) continue
      const call = parts.slice(from, to + 1)
      const tokens = yield* countTokens(call.map((part) => textOf(part.element, part.start, part.end)))
      for (const [i, part] of call.entries()) counted.push({ ...part, tokens: tokens[i] ?? Number.POSITIVE_INFINITY })
      from = to + 1
      units = 0
      yield* Effect.yieldNow
    }
    return counted
  })

  const fits = (part: Part) =>
    part.tokens <= sizes.maxTokens &&
    (sizes.maxCharacters === Number.POSITIVE_INFINITY ||
      textOf(part.element, part.start, part.end).length <= sizes.maxCharacters)

  const cut = Effect.fnUntraced(function*(part: Part) {
    const { cuts, rank } = levels[part.element.kind][part.level]!
    const pieces: Array<Part> = []
    let start = part.start
    let turn = start
    const add = (end: number) => {
      // Nothing but white space goes with what follows, or at the end with what was before.
      if (part.element.text.slice(start, end).trim() === "") {
        const last = pieces.at(-1)
        if (end === part.end && last !== undefined) pieces[pieces.length - 1] = { ...last, end }
        return
      }
      pieces.push({ ...part, start, end, rank: pieces.length === 0 ? part.rank : rank, level: part.level + 1 })
      start = end
    }
    for (const end of cuts(part.element.text, part.start, part.end)) {
      add(end)
      if (end - turn < unitsPerTurn) continue
      turn = end
      yield* Effect.yieldNow
    }
    add(part.end)
    return pieces
  })

  const whole = elements
    .filter((element) => element.text.trim() !== "")
    .map((element): Part => ({ element, start: 0, end: element.text.length, rank: Rank.block, level: 0, tokens: 0 }))
  let parts = yield* count(whole)
  while (!parts.every(fits)) {
    const next: Array<Part> = []
    const uncounted: Array<Part> = []
    for (const part of parts) {
      if (fits(part)) {
        next.push(part)
        continue
      }
      if (part.level >= levels[part.element.kind].length) {
        const text = textOf(part.element, part.start, part.end)
        return yield* new LimitTooSmall({ text, tokens: part.tokens, limit: sizes.maxTokens })
      }
      const pieces = yield* cut(part)
      // A single piece is the part itself, at the next level.
      if (pieces.length === 1) next.push({ ...pieces[0]!, tokens: part.tokens })
      else {
        next.push(...pieces)
        uncounted.push(...pieces)
      }
    }
    const counted = new Map<Part, Part>()
    for (const [i, part] of (yield* count(uncounted)).entries()) counted.set(uncounted[i]!, part)
    parts = next.map((part) => counted.get(part) ?? part)
  }
  return withHeaders(parts, sizes)
})

/** Turns parts into atoms; rows of a table that was cut get its first row, if that leaves most of a segment to them. */
const withHeaders = (parts: ReadonlyArray<Part>, sizes: Sizes): ReadonlyArray<Atom> => {
  let header: Atom | null = null
  return parts.map(({ element, end, rank, start, tokens }) => {
    if (header?.element !== element) header = null
    const text = textOf(element, start, end)
    const size = sizes.sizeOf(text, tokens)
    const atom: Atom = { element, start, end, tokens, size, rank, hash: contentHash(text), path: noPath, header }
    const isFirstRow = element.kind === "table" && start === 0 && element.text.indexOf("\n") === end - 1
    if (isFirstRow && size * 3 <= sizes.capacity) header = atom
    return atom
  })
}
