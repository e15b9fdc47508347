import type { EditConflictReason, SegmentChangeKind } from "@sheaf/domain/segments/SegmentChange"

/** A segment as a run has cut it from the document. Ordinals are 0, 1, 2 ... without gaps. */
export interface CutSegment {
  readonly segmentId: string
  readonly ordinal: number
}

/** A change that was made by hand in an earlier version. */
export interface Change {
  readonly id: string
  readonly kind: SegmentChangeKind
  /** The cut segment that was edited or deleted. */
  readonly originalId: string | null
  /** What stands in its place, or was added. */
  readonly segmentId: string | null
  /** Of an added segment: the last cut segment before it; `null`: there was none. */
  readonly afterId: string | null
  /** Of a child: its parent, by the id under which that was cut or added. */
  readonly parentId: string | null
  /** Its ordinal in the version before. */
  readonly place: number
}

/** A segment of the new version. */
export interface Place {
  readonly segmentId: string
  readonly ordinal: number
  /** The change that put it there. */
  readonly changeId: string | null
  /** The cut segment whose place it has. */
  readonly instead: string | null
  readonly parentId: string | null
}

export interface Applied {
  /** In reading order. */
  readonly membership: ReadonlyArray<Place>
  /** Changes that have no place here. */
  readonly conflicts: ReadonlyArray<{ readonly changeId: string; readonly reason: EditConflictReason }>
  /** Changes whose segment is cut from the document itself now. `deletes`: the segment that it replaced is still cut, too. */
  readonly absorbed: ReadonlyArray<{ readonly changeId: string; readonly deletes: string | null }>
}

/**
 * Does again in a new version what was done by hand in the one before. Each change is applied exactly once, or absorbed by a document that
 * says the same now, or reported as a conflict.
 *
 * An edited or deleted segment must have been cut again. An added one stands behind the segment that it followed; where that is gone,
 * at the ordinal that it had; a child stays with its parent, or is a conflict. `size` is the number of all cut segments; of these,
 * `cut` needs to have those only that changes speak of.
 */
export const applyChanges = (
  cut: ReadonlyArray<CutSegment>,
  size: number,
  changes: ReadonlyArray<Change>
): Applied => {
  const ordinals = new Map(cut.map(({ ordinal, segmentId }) => [segmentId, ordinal]))
  const isCut = (id: string | null): id is string => id !== null && ordinals.has(id)
  const conflicts: Array<Applied["conflicts"][number]> = []
  const absorbed: Array<Applied["absorbed"][number]> = []
  const gone = new Set<string>()
  /** Segments of absorbed changes: they stand where the document has them. */
  const own = new Set<string>()
  const swaps = new Map<string, Change & { readonly segmentId: string }>()
  /** What became of the place of a cut segment that was edited. */
  const heirs = new Map<string, string | null>()
  const added: Array<Change & { readonly segmentId: string }> = []

  for (const change of changes) {
    const { id: changeId, kind, originalId, segmentId } = change
    if (isCut(segmentId)) {
      const deletes = isCut(originalId) ? originalId : null
      absorbed.push({ changeId, deletes })
      own.add(segmentId)
      if (deletes !== null) gone.add(deletes)
      if (originalId !== null) heirs.set(originalId, segmentId)
    } else if (kind === "added") {
      if (segmentId !== null) added.push({ ...change, segmentId })
    } else if (!isCut(originalId)) {
      conflicts.push({ changeId, reason: "original-gone" })
      if (originalId !== null) heirs.set(originalId, null)
    } else if (segmentId === null) gone.add(originalId)
    else {
      swaps.set(originalId, { ...change, segmentId })
      heirs.set(originalId, segmentId)
    }
  }

  const tops = new Set(added.filter(({ parentId }) => parentId === null).map(({ segmentId }) => segmentId))
  /** The parent as it is in this version. */
  const parentOf = (id: string): string | null => {
    const heir = heirs.get(id)
    if (heir !== undefined) return heir
    return (isCut(id) && !gone.has(id)) || tops.has(id) ? id : null
  }

  const isPlaced = (change: Change): boolean => change.parentId === null || parentOf(change.parentId) !== null
  for (const { id: changeId } of added.filter((change) => !isPlaced(change))) {
    conflicts.push({ changeId, reason: "parent-gone" })
  }
  const placed = added.filter(isPlaced).sort((a, b) => a.place - b.place || (a.id < b.id ? -1 : 1))

  /** Those whose neighbour is gone stay together, at the ordinal that the first of them had. */
  const bases = new Map<string, number>()
  for (const { afterId, place } of placed) {
    if (afterId !== null) bases.set(afterId, Math.min(place, bases.get(afterId) ?? place))
  }
  /** The ordinal of the cut segment behind which an added one stands; -1: before all. */
  const gapOf = ({ afterId, parentId, place }: Change): number => {
    const parent = parentId === null ? null : parentOf(parentId)
    if (parent !== null && own.has(parent)) return ordinals.get(parent)!
    if (afterId === null) return -1
    const neighbour = ordinals.get(afterId) ?? (parentId === null ? undefined : ordinals.get(parentId))
    return neighbour ?? Math.max(-1, Math.min(size - 1, Math.floor(bases.get(afterId) ?? place)))
  }
  const gaps = Map.groupBy(placed, gapOf)

  const inGaps = [...gaps].flatMap(([gap, all]) =>
    inFamilies(all).map((change, index, family): Place => ({
      segmentId: change.segmentId,
      ordinal: ordinalIn({ gap, size, index, count: family.length }),
      changeId: change.id,
      instead: null,
      parentId: change.parentId === null ? null : parentOf(change.parentId)
    }))
  )
  const asCut = cut.filter(({ segmentId }) => !gone.has(segmentId)).map(({ ordinal, segmentId }): Place => {
    const swap = swaps.get(segmentId)
    return swap === undefined
      ? { segmentId, ordinal, changeId: null, instead: null, parentId: null }
      : { segmentId: swap.segmentId, ordinal, changeId: swap.id, instead: segmentId, parentId: null }
  })
  return { membership: [...asCut, ...inGaps].sort((a, b) => a.ordinal - b.ordinal), conflicts, absorbed }
}

type Added = Change & { readonly segmentId: string }

const isChild = ({ parentId }: Added): boolean => parentId !== null

/** Children directly behind their parents; first those whose parent is not among these, but before them all. */
const inFamilies = (all: ReadonlyArray<Added>): ReadonlyArray<Added> => {
  const ids = new Set(all.map(({ segmentId }) => segmentId))
  const isChildHere = ({ parentId }: Added) => parentId !== null && ids.has(parentId)
  const children = Map.groupBy(all.filter(isChildHere), ({ parentId }) => parentId)
  const others = all.filter((one) => !isChildHere(one))
  const families = Array<Added>()
  for (const one of [...others.filter(isChild), ...others.filter((other) => !isChild(other))]) {
    families.push(one, ...(children.get(one.segmentId) ?? []))
  }
  return families
}

/** Between two cut segments there is room for parts of one; outside of all for as many as there are. */
const ordinalIn = ({ count, gap, index, size }: Readonly<Record<"count" | "gap" | "index" | "size", number>>): number =>
  gap >= size - 1 ? size + index : gap < 0 ? index - count : gap + (index + 1) / (count + 1)
