import type { TenantId } from "@sheaf/domain/ids"
import type { Space } from "@sheaf/domain/spaces/Space"
import { Effect, Schema } from "effect"
import { createHash } from "node:crypto"
import type { IndexEntry } from "../SearchIndex.ts"
import { factsOf, type Fields, fieldsOf } from "./facts.ts"
import { Failure, malformed } from "./Failure.ts"
import { hexOf, recordId } from "./hex.ts"
import { impactTexts } from "./impact.ts"
import { packFrequencies, unpackFrequencies, wordsOf } from "./words.ts"

/** What a record is made of; all else in it follows. An export of a collection gives the sources back. */
export interface Source {
  readonly id: string
  readonly tenant: string
  readonly dataset: string
  readonly document: string
  readonly words: ReadonlyMap<string, number>
  readonly length: number
  readonly fields: Fields
  readonly vector: ArrayLike<number> | null
}

const largestInt32 = 2 ** 31 - 1

export const sourceOf = (tenantId: TenantId, entry: IndexEntry): Source => ({
  id: recordId(tenantId, entry.segmentId),
  tenant: hexOf(tenantId),
  dataset: hexOf(entry.datasetId),
  document: hexOf(entry.documentId),
  words: wordsOf(entry.terms),
  length: Math.min(largestInt32, entry.length),
  fields: fieldsOf(entry.document, entry.documentId),
  vector: entry.vector
})

/** Any values of the right kind: what was accepted once must be read back, whatever is accepted today. */
const FieldsJson = Schema.fromJsonString(
  Schema.Record(
    Schema.String,
    Schema.Union([Schema.String, Schema.Finite, Schema.Boolean, Schema.Array(Schema.String)])
  )
)

export const decodeFields: (json: unknown) => Effect.Effect<Fields, Failure> = (json) =>
  Effect.mapError(decodeFieldsJson(json), () => malformed("the fields of a document"))
const decodeFieldsJson = Schema.decodeUnknownEffect(FieldsJson)

const Stored = Schema.Struct({
  id: Schema.String,
  tenant: Schema.String,
  dataset: Schema.String,
  document: Schema.String,
  words: Schema.String,
  length: Schema.Int,
  fields: FieldsJson,
  vector: Schema.optionalKey(Schema.Array(Schema.Finite))
})
const decodeStored = Schema.decodeUnknownEffect(Schema.fromJsonString(Stored))

export const sourceOfLine = (line: string): Effect.Effect<Source, Failure> =>
  decodeStored(line).pipe(
    Effect.map((stored) => ({
      ...stored,
      words: unpackFrequencies(stored.words),
      vector: stored.vector ?? null
    })),
    Effect.mapError(() =>
      new Failure({ status: 400, message: "a record of the older collection is not understood: rebuild the space" })
    )
  )

/** What the engine holds of a document in each of its segments. */
export interface Facts {
  readonly facts: ReadonlyArray<string>
  readonly ranks: ReadonlyArray<number>
  readonly fields: string
  /** Changes with the fields. */
  readonly version: string
}

/** Remembers what it was asked last: entries come by document. */
export const makeFacts = (): (fields: Fields) => Facts => {
  let last: Facts | undefined
  return (fields) => {
    const json = JSON.stringify(fields)
    if (last?.fields !== json) {
      last = { ...factsOf(fields), fields: json, version: createHash("sha256").update(json).digest("hex").slice(0, 24) }
    }
    return last
  }
}

/** Six decimals of a vector of length 1: as good as what floats carry, in half the bytes. */
const vectorJson = (vector: ArrayLike<number>): string => {
  let squares = 0
  for (let i = 0; i < vector.length; i++) squares += vector[i]! * vector[i]!
  const scale = 1e6 / Math.sqrt(squares)
  let json = "["
  for (let i = 0; i < vector.length; i++) {
    const value = Math.round(vector[i]! * scale)
    json += i === 0 ? value / 1e6 : `,${value / 1e6}`
  }
  return `${json}]`
}

/** A record as a line of an import. */
export const lineOf = (source: Source, averageLength: number, factsOfFields: (fields: Fields) => Facts): string => {
  const { dataset, document, id, length, tenant, vector, words } = source
  const json = JSON.stringify({
    id,
    tenant,
    dataset,
    document,
    ...impactTexts(words, length, averageLength),
    length,
    ...factsOfFields(source.fields),
    embedded: vector !== null,
    words: packFrequencies(words)
  })
  return vector === null ? json : `${json.slice(0, -1)},"vector":${vectorJson(vector)}}`
}

/** A vector as the text of a query, or why it cannot be one: the server takes empty, wrong and zero vectors without a word. */
export const checkVector = (vector: ArrayLike<number>, { dimension }: Space): Effect.Effect<void, Failure> => {
  let squares = 0
  for (let i = 0; i < vector.length; i++) squares += vector[i]! * vector[i]!
  return vector.length === dimension && Number.isFinite(squares) && squares > 0
    ? Effect.void
    : Effect.fail(new Failure({ status: 400, message: `not a vector of ${dimension} numbers that has a direction` }))
}

export const vectorText = vectorJson
