import { uuidV5 } from "@sheaf/adapters/repos/derivedId"
import { type DocumentId, SegmentId, Sha256, type SpaceId } from "@sheaf/domain/ids"
import { createHash } from "node:crypto"
import type { SegmentDraft } from "./Chunker.ts"
import { embeddedText } from "./embeddedText.ts"

export interface SegmentIdentity {
  readonly id: SegmentId
  /** SHA-256 of what is embedded (`embeddedText`): with tenant and space the key of a vector. */
  readonly textHash: Sha256
}

/**
 * Gives the segments of one document, asked for in their order, their identities: UUID version 5 (RFC 9562) with the document's id as the
 * name space and as the name the embedding space, the hash of text and heading path, and how many equal segments came before. The same
 * content keeps its id over any number of runs.
 */
export const identities = (
  { documentId, spaceId }: { readonly documentId: DocumentId; readonly spaceId: SpaceId }
) => {
  const occurrences = new Map<string, number>()
  return (draft: Pick<SegmentDraft, "headingPath" | "text">): SegmentIdentity => {
    // Lengths keep apart what would read alike when put together.
    const content = sha256(JSON.stringify([draft.headingPath, draft.text]))
    const occurrence = occurrences.get(content) ?? 0
    occurrences.set(content, occurrence + 1)
    return {
      id: SegmentId.make(uuidV5(documentId, `${spaceId}/${content}/${occurrence}`)),
      textHash: Sha256.make(sha256(embeddedText(draft)))
    }
  }
}

const sha256 = (text: string): string => createHash("sha256").update(text).digest("hex")
