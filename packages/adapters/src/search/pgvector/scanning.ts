import type { DatasetId, DocumentId, SegmentId, TenantId } from "@sheaf/domain/ids"
import { Effect } from "effect"
import type { SqlClient } from "effect/sql"
import type { SqlError } from "effect/sql/SqlError"
import type { ScannedPage, ScanOptions } from "../SearchIndex.ts"
import type { Tables } from "./tables.ts"

interface Position {
  readonly dataset: number
  readonly no: number
}

const positionOf = (cursor: string | undefined): Position => {
  const [dataset = 0, no = 0] = (cursor ?? "").split(":").map(Number)
  return { dataset: Number.isSafeInteger(dataset) ? dataset : 0, no: Number.isSafeInteger(no) ? no : 0 }
}

interface Row {
  readonly no: number
  readonly segmentId: SegmentId
  readonly documentId: DocumentId
}

/**
 * Entries of a tenant in the order of their numbers, one dataset after the other. An entry that is replaced gets a higher number, so that
 * it is never passed over.
 */
export const scanPage = Effect.fnUntraced(function*(
  sql: SqlClient.SqlClient,
  tables: Tables,
  tenantId: TenantId,
  { after, limit }: ScanOptions
): Effect.fn.Return<ScannedPage, SqlError> {
  let position = positionOf(after)
  while (true) {
    const [found] = yield* sql<{ readonly number: number; readonly datasetId: DatasetId }>`
      select number, dataset_id from ${tables.datasets}
      where tenant_id = ${tenantId}::uuid and number >= ${position.dataset} order by number limit 1`
    if (found === undefined) return { entries: [], next: undefined }
    const { datasetId, number } = found
    const from = number === position.dataset ? position.no : 0
    const rows = yield* sql<Row>`select no, segment_id, document_id from ${tables.entries}
      where dataset = ${number} and no > ${from} order by no limit ${limit}`
    const last = rows.at(-1)
    if (last !== undefined) {
      return {
        entries: rows.map(({ documentId, segmentId }) => ({ datasetId, documentId, segmentId })),
        next: rows.length < limit ? `${number + 1}:0` : `${number}:${last.no}`
      }
    }
    position = { dataset: number + 1, no: 0 }
  }
})
