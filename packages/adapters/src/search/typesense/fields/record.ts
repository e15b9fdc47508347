import type { TenantId } from "@sheaf/domain/ids"
import type { Space } from "@sheaf/domain/spaces/Space"
import { Effect, Schema } from "effect"
import { createHash } from "node:crypto"
import type { IndexEntry } from "../../SearchIndex.ts"
import { factsOf, type Fields, fieldsOf } from "./facts.ts"
import { Failure, malformed } from "../Failure.ts"
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
interface Facts {
  readonly facts: ReadonlyArray<string>
  readonly ranks: ReadonlyArray<number>
  readonly fields: string
  /** Changes with the fields. */
  readonly version: string
}

export interface WrittenFacts extends Facts {
  /** All of it, as JSON without its braces. */
  readonly json: string
}

/** Remembers what it was asked last: entries come by document. */
export const makeFacts = (): (fields: Fields) => WrittenFacts => {
  let last: WrittenFacts | undefined
  return (fields) => {
    const text = JSON.stringify(fields)
    if (last?.fields !== text) {
      const version = createHash("sha256").update(text).digest("hex").slice(0, 24)
      const facts: Facts = { ...factsOf(fields), fields: text, version }
      last = { ...facts, json: JSON.stringify(facts).slice(1, -1) }
    }
    return last
  }
}

const [zero, point, comma, minus] = [48, 46, 44, 45]

/** A vector of length 1, each component with six decimals: as good as what floats carry, in half the bytes. */
export const vectorText = (vector: ArrayLike<number>): string => {
  let squares = 0
  for (let i = 0; i < vector.length; i++) squares += vector[i]! * vector[i]!
  const scale = 1e6 / Math.sqrt(squares)
  // Digit by digit: to write numbers is most of what an import costs here.
  const bytes = Buffer.allocUnsafe(vector.length * 10)
  let place = 0
  for (let i = 0; i < vector.length; i++) {
    const millionths = Math.round(vector[i]! * scale)
    let rest = Math.abs(millionths)
    if (i > 0) bytes[place++] = comma
    if (millionths < 0) bytes[place++] = minus
    bytes[place] = zero + (rest >= 1_000_000 ? 1 : 0)
    bytes[place + 1] = point
    for (let digit = 7; digit > 1; digit--) {
      bytes[place + digit] = zero + rest % 10
      rest = Math.trunc(rest / 10)
    }
    place += 8
  }
  return `[${bytes.toString("latin1", 0, place)}]`
}

/** A record as a line of an import. */
export const lineOf = (source: Source, averageLength: number, factsOfFields: ReturnType<typeof makeFacts>): string => {
  const { dataset, document, id, length, tenant, vector, words } = source
  const own = JSON.stringify({
    id,
    tenant,
    dataset,
    document,
    ...impactTexts(words, length, averageLength),
    length,
    embedded: vector !== null,
    words: packFrequencies(words)
  })
  const rest = vector === null ? "" : `,"vector":${vectorText(vector)}`
  return `${own.slice(0, -1)},${factsOfFields(source.fields).json}${rest}}`
}

/** Whether a vector can be one: the server takes empty, wrong and zero vectors without a word. */
export const checkVector = (vector: ArrayLike<number>, { dimension }: Space): Effect.Effect<void, Failure> => {
  let squares = 0
  for (let i = 0; i < vector.length; i++) squares += vector[i]! * vector[i]!
  return vector.length === dimension && Number.isFinite(squares) && squares > 0
    ? Effect.void
    : Effect.fail(new Failure({ status: 400, message: `not a vector of ${dimension} numbers that has a direction` }))
}
