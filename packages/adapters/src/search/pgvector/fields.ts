import type { IndexEntry } from "../SearchIndex.ts"

/** Postgres keeps neither NUL nor half a surrogate pair in JSON. */
export const storable = (text: string): string => text.toWellFormed().replaceAll("\0", "\ufffd")

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
