import { Effect } from "effect"
import type { SqlClient } from "effect/sql"
import type { StoredFile } from "./folder.ts"
import type { Indexed } from "./index.ts"
import { readTables, type Row, tenantsOf } from "./tables.ts"

type Fields = Row["row"]

/** Everything that is there of a tenant, as it was found. */
export interface Facts {
  readonly tables: ReadonlyMap<string, ReadonlyArray<Fields>>
  readonly index: Indexed
  readonly files: ReadonlyArray<StoredFile>
}

/** A column that holds text or an id; empty where it is null. */
export const text = (row: Fields, column: string): string => {
  const value = row[column]
  return typeof value === "string" ? value : ""
}

export const count = (row: Fields, column: string): number => Number(row[column] ?? 0)

/** A value within a column that holds JSON. */
export const within = (row: Fields, column: string, key: string): string => {
  const value = row[column]
  return typeof value === "object" && value !== null
    ? String(Object.entries(value).find(([name]) => name === key)?.[1] ?? "")
    : ""
}

export const rowsOf = ({ tables }: Facts, table: string): ReadonlyArray<Fields> => tables.get(table) ?? []

/** Where an installation keeps what it has, open to somebody who only looks. */
export interface Source {
  readonly observer: SqlClient.SqlClient
  readonly readIndex: (tenantIds: ReadonlyArray<string>) => Effect.Effect<Indexed>
  readonly readFiles: (tenantIds: ReadonlyArray<string>) => Effect.Effect<ReadonlyArray<StoredFile>>
}

/** Reads a tenant everywhere it has left a trace. Nothing may be at work on it. */
export const gather = Effect.fn("proof.gather")(
  function*({ observer, readFiles, readIndex }: Source, tenantId: string) {
    const tenantIds = yield* tenantsOf(observer, tenantId)
    const { rows } = yield* readTables(observer, tenantIds)
    const grouped = Map.groupBy(rows, ({ table }) => table)
    return {
      tables: new Map([...grouped].map(([table, of]) => [table, of.map(({ row }) => row)])),
      index: yield* readIndex(tenantIds),
      files: yield* readFiles(tenantIds)
    } satisfies Facts
  }
)
