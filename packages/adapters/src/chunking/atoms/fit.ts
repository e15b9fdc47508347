import { Effect } from "effect"
import type { CountTokens, SegmentDraft } from "../Chunker.ts"
import { embeddedText } from "../../text/embeddedText.ts"
import type { Atom } from "./Atom.ts"
import { halve } from "./divide.ts"
import { type Group, groupAssets, groupBoxes, groupText } from "./Group.ts"
import type { Sizes } from "./Sizes.ts"

/** Adds to the atoms of a segment what is repeated in it, given the atoms of the segment before. */
export type Lay = (atoms: ReadonlyArray<Atom>, before: ReadonlyArray<Atom>) => Group

interface Candidate {
  readonly group: Group
  readonly text: string
  /** `null` until counted. */
  readonly tokens: number | null
}

/** What became of a group, or of a part of one that came out too long. */
export interface Fitted {
  readonly group: Group
  readonly draft: SegmentDraft
}

interface FitOptions<E> {
  readonly sizes: Sizes
  readonly countTokens: CountTokens<E>
  readonly lay: Lay
}

const candidateOf = (group: Group): Candidate => {
  const isBare = group.headingPath.length === 0 && group.overlap.length === 0 && !group.hasHeader
  // One bare atom is the very text that was counted when it was made.
  return { group, text: groupText(group), tokens: isBare && group.atoms.length === 1 ? group.atoms[0]!.tokens : null }
}

/**
 * Counts what will really be embedded, and takes away from a segment that came out too long: first what is repeated, then by cutting it
 * in two. So the limit holds for any tokenizer, however its counts of parts add up.
 */
export const fit = Effect.fnUntraced(function*<E>(groups: ReadonlyArray<Group>, options: FitOptions<E>) {
  const { countTokens, lay, sizes } = options
  let candidates = groups.map(candidateOf)
  while (true) {
    const uncounted = candidates.filter(({ tokens }) => tokens === null)
    if (uncounted.length === 0) break
    const counts = yield* countTokens(
      uncounted.map(({ group, text }) => embeddedText({ headingPath: group.headingPath, text }))
    )
    const counted = new Map(uncounted.map((candidate, i) => [candidate, counts[i] ?? Number.POSITIVE_INFINITY]))
    candidates = candidates.flatMap((candidate): ReadonlyArray<Candidate> => {
      const tokens = counted.get(candidate)
      if (tokens === undefined) return [candidate]
      const isShort = tokens <= sizes.maxTokens && candidate.text.length <= sizes.maxCharacters
      return isShort ? [{ ...candidate, tokens }] : shorten(candidate.group, lay, sizes).map(candidateOf)
    })
    yield* Effect.yieldNow
  }
  return candidates.map(({ group, text, tokens }): Fitted => ({
    group,
    draft: {
      text,
      headingPath: group.headingPath,
      tokens: tokens ?? 0,
      boxes: groupBoxes(group),
      assets: groupAssets(group)
    }
  }))
})

/** The next shorter form. It ends at one bare atom, which fits by its making. */
const shorten = (group: Group, lay: Lay, sizes: Sizes): ReadonlyArray<Group> => {
  if (group.overlap.length > 0) return [{ ...group, overlap: [] }]
  if (group.atoms.length > 1) {
    const [head, tail] = halve(group.atoms, sizes.soft / 3)
    return [{ ...group, atoms: head }, lay(tail, head)]
  }
  if (group.headingPath.length > 0) {
    return [{ ...group, headingPath: group.headingPath.slice(Math.ceil(group.headingPath.length / 2)) }]
  }
  return [{ ...group, hasHeader: false }]
}
