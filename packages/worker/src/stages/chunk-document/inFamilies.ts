import type { NewSegment } from "@sheaf/adapters/repos/segments/SegmentsRepo"
import type { identities } from "@sheaf/adapters/text/segmentIdentity"
import type { SegmentId } from "@sheaf/domain/ids"
import type { SegmentDraft } from "@sheaf/adapters/chunking/Chunker"

/**
 * Gives drafts, in their order, what they are called: a child is one of the parent before it. So a child whose parent changes is another
 * one, of the same text: nothing is embedded again.
 */
export const inFamilies = (identify: ReturnType<typeof identities>) => {
  let parent: SegmentId | null = null
  return ({ family, ...draft }: SegmentDraft): Omit<NewSegment, "ordinal" | "language"> => {
    const isParent = family === "parent"
    const kind = { searched: !isParent, cutParentId: family === "child" ? parent : null }
    const identity = identify({ ...draft, ...kind })
    if (isParent) parent = identity.id
    return { ...draft, ...kind, ...identity }
  }
}
