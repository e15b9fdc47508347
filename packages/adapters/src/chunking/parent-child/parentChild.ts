import { familyDefaults } from "@sheaf/domain/datasets/Dataset"
import { Effect } from "effect"
import type { Atom } from "../atoms/Atom.ts"
import { divide } from "../atoms/divide.ts"
import { fit, type Lay } from "../atoms/fit.ts"
import type { Group } from "../atoms/Group.ts"
import { type Finish, packed } from "../atoms/packed.ts"
import { makeSizes, type Sizes } from "../atoms/Sizes.ts"
import type { Chunker, CountTokens, SegmentDraft } from "../Chunker.ts"
import { byTitle, layWithin } from "../general/byTitle.ts"

/**
 * Small children to be found by, each within a parent to be read. Parents are cut as `general` cuts, at titles and anchors; children are cut
 * within them, at the best places by content, so that an edit changes the children near it. A parent is not embedded, and a child
 * knows the titles above both.
 */
export const parentChild: Chunker<"parent-child"> = {
  method: "parent-child",
  chunk: (elements, settings, limits, countTokens) => {
    const { maxTokens, parentMaxTokens } = { ...familyDefaults, ...settings }
    const childMax = Math.min(maxTokens, limits.maxTokens)
    const parentMax = Math.max(childMax, parentMaxTokens)
    return packed(elements, {
      sizes: makeSizes({ maxTokens: childMax }, { limits, hasFloor: true }, countTokens),
      countTokens,
      // What the titles above take is taken from children.
      makePacker: (child) => byTitle({ ...parentSizes(child, parentMax), maxTokens: child.maxTokens }),
      makeFinish: (child) => inFamilies(child, parentSizes(child, parentMax), countTokens)
    })
  }
}

/** Shares of the longest parent that it mostly has, and below which sections share one. */
const softShare = 0.75
const combineShare = 0.25

/** Atoms are cut to the size of children; parents are put together of them. */
const parentSizes = (child: Sizes, most: number): Sizes => ({
  ...child,
  maxTokens: most,
  capacity: most,
  soft: Math.floor(most * softShare),
  combineUnder: Math.floor(most * combineShare)
})

/** A part that is cut off is at least so much of a child's size, if there is a place for it. */
const leastShare = 1 / 3

const inFamilies = <E>(child: Sizes, parent: Sizes, countTokens: CountTokens<E>): Finish<E> => {
  const lay: Lay = layWithin({ ...child, overlap: 0 })
  const childLimit = ({ header, path }: Atom) => Math.max(1, child.capacity - path.size - (header?.size ?? 0))

  return Effect.fnUntraced(function*(segments) {
    const parents = yield* fit(segments.map((atoms): Group => lay(atoms, [])), { sizes: parent, countTokens, lay })
    const owners = new Map<Atom, number>()
    const groups = parents.flatMap(({ group }, at) =>
      divide(group.atoms, childLimit, child.soft * leastShare).map((atoms) => {
        if (atoms[0] !== undefined) owners.set(atoms[0], at)
        return lay(atoms, [])
      })
    )
    const drafts: Array<SegmentDraft> = []
    let last = -1
    for (const { draft, group } of yield* fit(groups, { sizes: child, countTokens, lay })) {
      // A part of a child that came out too long follows its first part.
      const owner = (group.atoms[0] && owners.get(group.atoms[0])) ?? last
      for (; last < owner; last++) drafts.push({ ...parents[last + 1]!.draft, family: "parent" })
      drafts.push({ ...draft, family: "child" })
    }
    return drafts
  })
}
