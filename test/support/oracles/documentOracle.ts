import type { Document } from "@sheaf/domain/documents/Document"
import { type DocumentFilter, suffixOf } from "@sheaf/domain/documents/ListFilter"
import { matches } from "./filterOracle.ts"

const within = (at: Date, bounds: DocumentFilter["createdAt"]): boolean =>
  (bounds?.from === undefined || at >= bounds.from) && (bounds?.before === undefined || at < bounds.before)

/** What a filter of documents means, said once more and as simply as can be. */
export const fits = (filter: DocumentFilter, document: Document): boolean => {
  const { createdAt, createdBy, id, mediaType, metadata, name, status, updatedAt } = document
  const suffix = suffixOf(name)
  const fields = {
    ...metadata,
    $name: name,
    ...(mediaType !== null && { $mediaType: mediaType }),
    $documentId: id,
    $createdAt: createdAt.toISOString()
  }
  return (filter.status === undefined ? status !== "deleting" : filter.status.includes(status)) &&
    (filter.name === undefined || name.toLowerCase().includes(filter.name.toLowerCase())) &&
    (filter.mediaType === undefined || mediaType !== null && filter.mediaType.includes(mediaType)) &&
    (filter.suffix === undefined || suffix !== null && filter.suffix.some((one) => one.toLowerCase() === suffix)) &&
    (filter.actor === undefined || createdBy.keyId === filter.actor.toLowerCase() ||
      createdBy.onBehalfOf?.id === filter.actor) &&
    (filter.metadata === undefined || matches(filter.metadata, fields)) &&
    within(createdAt, filter.createdAt) && within(updatedAt, filter.updatedAt)
}
