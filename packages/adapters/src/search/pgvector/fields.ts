import { storable } from "../../sql/storable.ts"
import type { IndexEntry } from "../SearchIndex.ts"

/** What a filter can look at, in one flat object: no metadata field begins with `$`. */
export const fieldsOf = (entry: IndexEntry): string => {
  const { createdAt, mediaType, metadata, name } = entry.document
  const fields = {
    ...metadata,
    $name: name,
    $mediaType: mediaType,
    $documentId: entry.documentId,
    $createdAt: createdAt.toISOString()
  }
  return JSON.stringify(fields, (_, value: unknown) => typeof value === "string" ? storable(value) : value)
}
