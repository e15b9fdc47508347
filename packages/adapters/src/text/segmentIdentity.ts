import type { Metadata } from "@sheaf/domain/documents/Metadata"
import { type DocumentId, SegmentId, Sha256, type SpaceId } from "@sheaf/domain/ids"
import { createHash } from "node:crypto"
import { uuidV5 } from "../repos/derivedId.ts"
import { embeddedText, type Passage } from "./embeddedText.ts"

export interface SegmentIdentity {
  readonly id: SegmentId
  /** SHA-256 of what is embedded (`embeddedText`): with tenant and space the key of a vector. */
  readonly textHash: Sha256
}

/** What makes a segment another one than its text and titles do. */
export interface SegmentKind {
  /** A parent is read and not searched. Default true. */
  readonly searched?: boolean | undefined
  /** Of a child: the parent that it was cut from. */
  readonly cutParentId?: SegmentId | null | undefined
  /** What else tells it from others of the same text, such as the question that an answer belongs to. */
  readonly key?: string | null | undefined
  readonly fields?: Metadata | undefined
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
export const segmentIdsOf = (owner: IdentityOwner, passage: Passage & SegmentKind) => {
  const content = contentHash(passage)
  return (occurrence: number): SegmentId => idOf(owner, content, occurrence)
}

export const textHashOf = (passage: Passage): Sha256 => Sha256.make(sha256(embeddedText(passage)))

/**
 * Gives the segments of one document, asked for in their order, their identities: the same content keeps its id over any number of runs.
 */
export const identities = (owner: IdentityOwner) => {
  const occurrences = new Map<string, number>()
  return (passage: Passage & SegmentKind): SegmentIdentity => {
    const content = contentHash(passage)
    const occurrence = occurrences.get(content) ?? 0
    occurrences.set(content, occurrence + 1)
    return { id: idOf(owner, content, occurrence), textHash: textHashOf(passage) }
  }
}

const idOf = ({ documentId, spaceId }: IdentityOwner, content: string, occurrence: number): SegmentId =>
  SegmentId.make(uuidV5(documentId, `${spaceId}/${content}/${occurrence}`))

/** Lengths keep apart what would read alike when put together. What is of no special kind is told by its text alone. */
const contentHash = (passage: Passage & SegmentKind): string => {
  const { cutParentId, fields = {}, headingPath, key, searched = true, text } = passage
  const kind = {
    ...(!searched && { searched }),
    ...(cutParentId != null && { cutParentId }),
    ...(key != null && { key }),
    ...(Object.keys(fields).length > 0 && { fields: Object.entries(fields).sort(([a], [b]) => a < b ? -1 : 1) })
  }
  return sha256(JSON.stringify(Object.keys(kind).length === 0 ? [headingPath, text] : [headingPath, text, kind]))
}

const sha256 = (text: string): string => createHash("sha256").update(text).digest("hex")
