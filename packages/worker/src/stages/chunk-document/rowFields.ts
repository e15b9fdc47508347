import type { ChunkingSettings } from "@sheaf/domain/datasets/Dataset"
import { fieldOf, isMetadata } from "@sheaf/domain/datasets/TableColumn"
import type { RowField } from "@sheaf/domain/documents/ListsRpcs"
import type { Metadata } from "@sheaf/domain/documents/Metadata"

/** Hears of the fields of segments, and knows in the end which there were, with the types that the settings give their columns. */
export const makeRowFields = (chunking: ChunkingSettings) => {
  const columns = chunking.method === "table" ? (chunking.columns ?? []).filter(isMetadata) : []
  const types = new Map(columns.map((column) => [fieldOf(column), column.type ?? "string"] as const))
  const found = new Map<string, RowField["type"]>()
  return {
    add: (fields: Metadata = {}): void => {
      if (found.size === types.size) return
      for (const name of Object.keys(fields)) {
        const type = types.get(name)
        if (type !== undefined) found.set(name, type)
      }
    },
    all: (): Readonly<Record<string, RowField["type"]>> => Object.fromEntries(found)
  }
}
