import type { Limit, TenantLimits } from "@sheaf/domain/admin/Limits"
import { Option } from "effect"
import type { Reader } from "./Reader.ts"
import { type Variable, variable, whole } from "./Variable.ts"

const most = whole({ min: 0, max: Number.MAX_SAFE_INTEGER })

const quota = (name: string, what: string, unit?: string) =>
  variable(
    `SHEAF_TENANT_${name}`,
    most,
    `${what} that a tenant may have, where \`sheaf tenants limits\` says nothing else of it. Not set: as many as there is room for.`,
    unit === undefined ? {} : { unit }
  )

const rate = (name: string, what: string) =>
  variable(
    `SHEAF_TENANT_${name}_PER_MINUTE`,
    most,
    `${what} a minute that a tenant may ask of one \`sheaf api\` or \`sheaf serve\`, where \`sheaf tenants limits\` says nothing else of it. Not set: any number.`
  )

const datasets = quota("DATASETS", "Datasets")
const documents = quota("DOCUMENTS", "Documents")
const bytes = quota("BYTES", "Bytes of originals", "bytes")
const segments = quota("SEGMENTS", "Segments")
const uploads = rate("UPLOADS", "Uploads")
const mutations = rate("MUTATIONS", "Changes other than uploads")
const searches = rate("SEARCHES", "Searches")

export const variables = [datasets, documents, bytes, segments, uploads, mutations, searches]

/** What tenants may have for whom an operator has set nothing. */
export const read = (reader: Reader): TenantLimits => {
  const limit = (described: Variable<number>): Limit =>
    Option.getOrElse(reader.optional(described), () => "unlimited" as const)
  return {
    datasets: limit(datasets),
    documents: limit(documents),
    bytes: limit(bytes),
    segments: limit(segments),
    uploadsPerMinute: limit(uploads),
    mutationsPerMinute: limit(mutations),
    searchesPerMinute: limit(searches)
  }
}
