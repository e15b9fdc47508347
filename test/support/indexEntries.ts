import { makeSpace } from "@sheaf/adapters/embedding/makeSpace"
import { type IndexEntry, SearchIndex } from "@sheaf/adapters/search/SearchIndex"
import { analyze, analyzeQuery } from "@sheaf/adapters/text/analyzer"
import type { Metadata } from "@sheaf/domain/documents/Metadata"
import { DatasetId, DocumentId, SegmentId, TenantId } from "@sheaf/domain/ids"
import type { Filter } from "@sheaf/domain/search/Filter"
import { DateTime, Effect } from "effect"
import { randomUUID } from "node:crypto"

// Small things to put into a search index and to ask of it.

export const spaceNamed = (model: string, dimension = 8) =>
  makeSpace({
    provider: "test",
    model,
    revision: "1",
    dimension,
    queryPrefix: "",
    documentPrefix: "",
    normalised: true,
    tokenizer: "none",
    maxTokens: 512,
    languages: null,
    vectorWeight: 0.5,
    cosineFloor: 0
  })

export const space = spaceNamed("small")

export const newTenant = () => TenantId.make(randomUUID())
export const newDataset = () => DatasetId.make(randomUUID())

/** A direction in the space: 0 to 7. Two of them are at right angles. */
export const direction = (axis: number, tilt = 0) => {
  const vector = new Float32Array(space.dimension).fill(0.01)
  vector[axis] = 1
  vector[(axis + 1) % space.dimension] = tilt
  return vector
}

export const cosine = (a: Float32Array, b: Float32Array) =>
  a.reduce((sum, x, i) => sum + x * b[i]!, 0) / (Math.hypot(...a) * Math.hypot(...b))

export const entry = (datasetId: DatasetId, text: string, more: {
  readonly segmentId?: SegmentId
  readonly documentId?: DocumentId
  readonly vector?: Float32Array | null
  readonly metadata?: Metadata
  readonly name?: string
} = {}): IndexEntry => {
  const { length, terms } = analyze(text)
  return {
    segmentId: more.segmentId ?? SegmentId.make(randomUUID()),
    datasetId,
    documentId: more.documentId ?? DocumentId.make(randomUUID()),
    document: {
      name: more.name ?? "manual.pdf",
      mediaType: "application/pdf",
      createdAt: DateTime.toDateUtc(DateTime.makeUnsafe("2026-01-31T10:00:00Z")),
      metadata: more.metadata ?? {}
    },
    terms,
    length,
    vector: more.vector === undefined ? direction(0) : more.vector
  }
}

export const find = Effect.fnUntraced(function*(tenantId: TenantId, datasetIds: ReadonlyArray<DatasetId>, options: {
  readonly text?: string
  readonly vector?: Float32Array
  readonly filter?: Filter
  readonly limit?: number
}) {
  const index = yield* SearchIndex
  return yield* index.candidates(space, {
    tenantId,
    datasetIds,
    filter: options.filter,
    terms: analyzeQuery(options.text ?? "").terms,
    vector: options.vector,
    limit: options.limit ?? 100
  })
})

export const idsOf = (found: { readonly candidates: ReadonlyArray<{ readonly segmentId: SegmentId }> }) =>
  found.candidates.map(({ segmentId }) => segmentId).sort()
export const sorted = (...entries: ReadonlyArray<IndexEntry>) => entries.map(({ segmentId }) => segmentId).sort()
