import type { Metadata } from "@sheaf/domain/documents/Metadata"
import type { Sha256 } from "@sheaf/domain/ids"

/** A page as it was read: what is stored, and what is not part of its text. */
export interface Snapshot {
  /** A file of this machine, for as long as the reading lasts. The same for the same content, byte by byte. */
  readonly path: string
  readonly size: number
  readonly contentHash: Sha256
  readonly mediaType: string
  readonly title: string
  /** Values of the page, as fields of its document. */
  readonly metadata: Metadata
  /** Types of blocks that nobody knows how to read. */
  readonly unsupported: ReadonlyArray<string>
  /** Pages that lie in it. */
  readonly pages: ReadonlyArray<{ readonly id: string; readonly title: string }>
  /** Databases that lie in it. */
  readonly databases: ReadonlyArray<string>
}
