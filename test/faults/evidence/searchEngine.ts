import { Effect, Schema } from "effect"
import type { Entry } from "./Evidence.ts"

/** A line of an export, as the adapter writes them. UUIDs are without hyphens; an entry is named by tenant and segment. */
const Line = Schema.fromJsonString(Schema.Struct({
  id: Schema.String,
  document: Schema.String,
  dataset: Schema.String,
  vector: Schema.optionalKey(Schema.Array(Schema.Finite))
}))
const decodeLine = Schema.decodeUnknownSync(Line)
const decodeCollections = Schema.decodeUnknownSync(Schema.Array(Schema.Struct({ name: Schema.String })))

const uuid = (hex: string) => hex.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, "$1-$2-$3-$4-$5")

/** Every entry that the search engine has of a dataset, whatever collection it is in, over the engine's own protocol. */
export const readSearchEngine = (
  { apiKey, url }: { readonly url: string; readonly apiKey: string },
  datasetId: string
): Effect.Effect<ReadonlyArray<Entry>> =>
  Effect.promise(async () => {
    const headers = { "x-typesense-api-key": apiKey }
    const get = async (path: string) => {
      const response = await fetch(`${url}${path}`, { headers })
      if (!response.ok) throw new Error(`${path}: ${response.status} ${await response.text()}`)
      return response
    }
    const collections = decodeCollections(await (await get("/collections")).json())
    const entries: Array<Entry> = []
    for (const { name } of collections) {
      const lines = (await (await get(`/collections/${name}/documents/export`)).text()).split("\n").filter(Boolean)
      for (const line of lines) {
        const { dataset, document, id, vector } = decodeLine(line)
        if (uuid(dataset) !== datasetId) continue
        entries.push({
          segmentId: uuid(id.slice(32)),
          documentId: uuid(document),
          datasetId: uuid(dataset),
          vector: vector ?? null
        })
      }
    }
    return entries
  })
