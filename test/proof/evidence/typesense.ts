import { Effect, Redacted, Schema } from "effect"
import type { Indexed, IndexedSegment } from "./index.ts"

/** A line of an export. UUIDs are without hyphens; an entry is named by tenant and segment. */
const decodeLine = Schema.decodeUnknownSync(Schema.fromJsonString(Schema.Struct({
  id: Schema.String,
  tenant: Schema.String,
  document: Schema.String,
  dataset: Schema.String,
  length: Schema.Int,
  fields: Schema.fromJsonString(Schema.Record(Schema.String, Schema.Json)),
  vector: Schema.optionalKey(Schema.Array(Schema.Finite))
})))
const decodeCollections = Schema.decodeUnknownSync(Schema.Array(Schema.Struct({ name: Schema.String })))

const uuid = (hex: string) => hex.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, "$1-$2-$3-$4-$5")

/** Everything that the search engine holds of some tenants, whatever collection it is in, over the engine's own protocol. */
export const readTypesense = (
  { apiKey, url }: { readonly url: URL; readonly apiKey: Redacted.Redacted },
  tenantIds: ReadonlyArray<string>
): Effect.Effect<Indexed> =>
  Effect.promise(async () => {
    const headers = { "x-typesense-api-key": Redacted.value(apiKey) }
    const get = async (path: string) => {
      const response = await fetch(new URL(path, url), { headers })
      if (!response.ok) throw new Error(`${path}: ${response.status} ${await response.text()}`)
      return response
    }
    const segments: Array<IndexedSegment> = []
    for (const { name } of decodeCollections(await (await get("/collections")).json())) {
      const lines = (await (await get(`/collections/${name}/documents/export`)).text()).split("\n")
      for (const line of lines.filter((line) => line.includes("\"words\""))) {
        const { dataset, document, fields, id, length, tenant, vector } = decodeLine(line)
        if (!tenantIds.includes(uuid(tenant))) continue
        segments.push({
          dataset_id: uuid(dataset),
          document_id: uuid(document),
          segment_id: uuid(id.slice(32)),
          space: name,
          length,
          vector: vector === undefined ? null : `[${vector.join(",")}]`,
          terms: "[]",
          fields
        })
      }
    }
    return { segments, postings: [], strayDocuments: [] }
  })
