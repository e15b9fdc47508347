import { type DocumentId, SegmentId, Sha256, type SpaceId } from "@sheaf/domain/ids"
import { createHash } from "node:crypto"
import { uuidV5 } from "../repos/derivedId.ts"
import { embeddedText, type Passage } from "./embeddedText.ts"

export interface SegmentIdentity {
  readonly id: SegmentId
  /** SHA-256 of what is embedded (`embeddedText`): with tenant and space the key of a vector. */
  readonly textHash: Sha256
}

/** The names of one document's segments in one embedding space belong together. */
export interface IdentityOwner {
  readonly documentId: DocumentId
  readonly spaceId: SpaceId
}

/**
 * The id of a segment: UUID version 5 (RFC 9562) with the document's id as the name space and as the name the embedding space, the hash
 * of text and heading path, and how many equal segments come before. Hand-made segments have theirs from the same numbers.
 */
export const segmentIdsOf = (owner: IdentityOwner, passage: Passage) => {
  const content = contentHash(passage)
  return (occurrence: number): SegmentId => idOf(owner, content, occurrence)
}

export const textHashOf = (passage: Passage): Sha256 => Sha256.make(sha256(embeddedText(passage)))

/**
 * Gives the segments of one document, asked for in their order, their identities: the same content keeps its id over any number of runs.
 */
export const identities = (owner: IdentityOwner) => {
  const occurrences = new Map<string, number>()
  return (passage: Passage): SegmentIdentity => {
    const content = contentHash(passage)
    const occurrence = occurrences.get(content) ?? 0
    occurrences.set(content, occurrence + 1)
    return { id: idOf(owner, content, occurrence), textHash: textHashOf(passage) }
  }
}

const idOf = ({ documentId, spaceId }: IdentityOwner, content: string, occurrence: number): SegmentId =>
  SegmentId.make(uuidV5(documentId, `${spaceId}/${content}/${occurrence}`))

/** Lengths keep apart what would read alike when put together. */
const contentHash = ({ headingPath, text }: Passage): string => sha256(JSON.stringify([headingPath, text]))

const sha256 = (text: string): string => createHash("sha256").update(text).digest("hex")
