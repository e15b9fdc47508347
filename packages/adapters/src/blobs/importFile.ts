import { DatasetId, DocumentId, type ImportId, type TenantId } from "@sheaf/domain/ids"
import type { BlobOwner } from "./BlobStore.ts"

/**
 * Whose the file of an import is until its rows are read: it lies among the bytes of documents, in a place of its own, so that what was
 * left behind is found and swept as theirs is.
 */
export const importOwner = (tenantId: TenantId, importId: ImportId): BlobOwner => ({
  tenantId,
  datasetId: DatasetId.make(importId),
  documentId: DocumentId.make(importId)
})
