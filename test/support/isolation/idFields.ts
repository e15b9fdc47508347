import { ApiRpcs, type ApiTag, requiredScope } from "@sheaf/domain/ApiRpcs"
import { Predicate, Schema } from "effect"
import type { World } from "./isolationWorld.ts"

type Path = ReadonlyArray<string>
type Kind = keyof World["ids"]

/** Where a payload takes an id: paths of names, `*` for each item of a list. */
const idPaths = (
  schema: unknown,
  definitions: Readonly<Record<string, unknown>>,
  path: Path = []
): ReadonlyArray<Path> => {
  if (!Predicate.isObject(schema)) return []
  const at = (child: unknown, name?: string) => idPaths(child, definitions, name === undefined ? path : [...path, name])
  const found = Object.entries(schema).flatMap(([keyword, value]) => {
    if (keyword === "format") return value === "uuid" ? [path] : []
    if (keyword === "properties" && Predicate.isObject(value)) {
      return Object.entries(value).flatMap(([name, child]) => at(child, name))
    }
    if (keyword === "items") return at(value, "*")
    if (keyword === "$ref" && path.length < 6) return at(definitions[String(value).replace("#/$defs/", "")])
    return Array.isArray(value) ? value.flatMap((child) => at(child)) : []
  })
  return found
}

/** Every field of an operation that takes an id, once. */
const pathsOf = (tag: ApiTag): ReadonlyArray<Path> => {
  const document = Schema.toJsonSchemaDocument(ApiRpcs.requests.get(tag)!.payloadSchema)
  const paths = idPaths(document.schema, document.definitions)
  return [...new Map(paths.map((path) => [path.join("."), path])).values()]
}

/** What a field names. */
const kinds: Readonly<Record<string, Kind>> = {
  datasetId: "datasetId",
  datasetIds: "datasetId",
  documentId: "documentId",
  documentIds: "documentId",
  attachedTo: "documentId",
  uploadId: "uploadId",
  segmentId: "segmentId",
  segmentIds: "segmentId",
  after: "segmentId",
  parentId: "segmentId",
  changeIds: "segmentChangeId",
  changeId: "spaceChangeId",
  importId: "importId",
  operationId: "operationId",
  keyId: "keyId",
  jobIds: "jobId",
  sourceId: "sourceId",
  syncId: "syncId",
  itemId: "itemId",
  pipelineId: "pipelineId",
  webhookId: "webhookId",
  subscriptionId: "subscriptionId",
  deliveryId: "deliveryId",
  connectionId: "connectionId",
  appId: "appId",
  annotationId: "annotationId",
  annotationIds: "annotationId",
  // Of a choice in settings: nothing else is named so.
  id: "pipelineId"
}

export const kindOf = (path: Path): Kind | undefined => kinds[path.findLast((name) => name !== "*")!]

/** What an operation needs besides ids. */
const rest: Partial<Record<ApiTag, object>> = {
  DatasetsCreate: { name: "n" },
  DatasetsUpdate: { name: "n" },
  AppsCreate: { name: "n" },
  AnnotationsCreate: { question: "n", answer: "n" },
  AnnotationsMatch: { question: "n" },
  AnnotationsSimilar: { question: "n" },
  ConnectionsUpdate: { name: "n" },
  ConnectionsDelete: { documents: "delete" },
  ImportsCreate: { name: "n" },
  PipelinesCreate: { name: "n", definition: {} },
  SyncsImport: { selection: "all" },
  DocumentsUpload: { name: "n" },
  DocumentsIngestText: { name: "n", text: "n" },
  DocumentsPreviewText: { text: "n" },
  DocumentsRename: { name: "n" },
  DocumentsSetMetadata: { metadata: { n: 1 } },
  DocumentsPrioritise: { lane: "bulk" },
  DocumentsBulk: { action: { _tag: "Delete" } },
  SegmentsAdd: { text: "n" },
  SegmentsEdit: { text: "n" },
  SearchQuery: { text: "anything", mode: "keyword" },
  NotificationsSubscribe: { address: "n@example.com" },
  WebhooksCreate: { url: "https://example.com" },
  KeysCreate: { name: "n", scopes: ["read"] }
}

const put = (value: unknown, [name, ...path]: Path, id: string): unknown => {
  if (name === undefined) return id
  if (name === "*") return [put(undefined, path, id)]
  const object = Predicate.isObject(value) ? value : {}
  return { ...object, [name]: put((object as Readonly<Record<string, unknown>>)[name], path, id) }
}

export interface Field {
  readonly tag: ApiTag
  readonly path: Path
}

/** One or the other, or one that says where among the others. */
const isAlternative = (name: string) => ["select", "target", "after", "parentId"].includes(name)

/** A payload of the caller's own things, but for the one field. */
export const payloadOf = ({ path, tag }: Field, own: World["ids"], id: string) => {
  const others = pathsOf(tag).filter(([name]) => name !== path[0] && name !== "action" && !isAlternative(name!))
  // A filter chooses within a dataset.
  const [choice, filter] = path
  const base = choice === "select" && filter === "filter" ? { select: { datasetId: own.datasetId } } : {}
  const given = { ...rest[tag], ...base }
  return put(others.reduce<unknown>((made, other) => put(made, other, own[kindOf(other)!]), given), path, id)
}

/** Every field that takes an id. An operator's business is the tenants themselves. */
export const fields: ReadonlyArray<Field> = Array.from(ApiRpcs.requests.values(), (rpc) => rpc._tag)
  .filter((tag) => requiredScope[tag] !== "operator")
  .flatMap((tag) => pathsOf(tag).map((path) => ({ tag, path })))
  // What is to be done to each document is looked at when its turn comes, as one operation for it would be.
  .filter(({ path }) => path[0] !== "action")

/** Of these, one for each payload that is another when all ids are one's own. */
export const ways = fields.filter(({ path, tag }, at) =>
  isAlternative(path[0]!) || at === fields.findIndex((other) => other.tag === tag)
)

export const nameOf = ({ path, tag }: Field) => `${tag}: ${path.join(".")}`
