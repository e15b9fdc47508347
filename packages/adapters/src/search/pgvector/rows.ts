import type { TenantId } from "@sheaf/domain/ids"
import { Effect } from "effect"
import type { SqlClient } from "effect/sql"
import type { SqlError } from "effect/sql/SqlError"
import type { Tables } from "./tables.ts"

/** A segment as the tables hold it. */
export interface StoredRow {
  readonly dataset: number
  readonly no: number
  readonly segmentId: string
  readonly documentId: string
  readonly length: number
  /** See `storedTerms`. */
  readonly terms: string
}

/** Terms with their frequencies, sorted so that equal ones are equal text. */
export const storedTerms = (terms: ReadonlyMap<string, number>): string =>
  JSON.stringify([...terms].sort(([a], [b]) => (a < b ? -1 : 1)))

/** The tables hold only what `storedTerms` wrote. */
export const termsOf = (stored: string): ReadonlyArray<readonly [term: string, frequency: number]> =>
  JSON.parse(stored) as ReadonlyArray<readonly [string, number]>

/** Columns as parameters of `unnest`, for statements over many rows. */
export const column = <Row, Value>(rows: ReadonlyArray<Row>, value: (row: Row) => Value): ReadonlyArray<Value> =>
  rows.map(value)

export const slices = <A>(items: ReadonlyArray<A>, size: number): ReadonlyArray<ReadonlyArray<A>> =>
  Array.from({ length: Math.ceil(items.length / size) }, (_, i) => items.slice(i * size, (i + 1) * size))

/** Most rows of one statement, so that none takes long where the database has a single session. */
export const statementRows = 1_000

export interface DatasetRow {
  readonly number: number
  readonly datasetId: string
  readonly nextNo: number
}

/**
 * Locks datasets against other writers until the transaction ends; in one order, so that two writers never wait for each other. Blocks of
 * postings only change under this lock.
 */
export const lock = (
  sql: SqlClient.SqlClient,
  tables: Tables,
  numbers: ReadonlyArray<number>
): Effect.Effect<ReadonlyArray<DatasetRow>, SqlError> =>
  sql<DatasetRow>`select number, dataset_id, next_no from ${tables.datasets}
    where number = any(${[...new Set(numbers)]}::int[]) order by number for update`

/** Numbers of datasets, made for those that have none yet. */
export const numberDatasets = Effect.fnUntraced(function*(
  sql: SqlClient.SqlClient,
  tables: Tables,
  tenantId: TenantId,
  datasetIds: ReadonlyArray<string>
): Effect.fn.Return<ReadonlyMap<string, number>, SqlError> {
  const ids = [...new Set(datasetIds)].sort()
  yield* sql`insert into ${tables.datasets} (tenant_id, dataset_id)
    select ${tenantId}::uuid, x::uuid from unnest(${ids}::text[]) x
    on conflict (tenant_id, dataset_id) do nothing`
  const found = yield* sql<DatasetRow>`select number, dataset_id, next_no from ${tables.datasets}
    where tenant_id = ${tenantId}::uuid and dataset_id = any(${ids}::uuid[])`
  return new Map(found.map(({ datasetId, number }) => [datasetId, number]))
})
