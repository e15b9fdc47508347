import type { MetadataValue } from "@sheaf/domain/documents/Metadata"
import { createHash } from "node:crypto"
import type { IndexEntry } from "../../SearchIndex.ts"
import { numberKey, textKeys } from "./order.ts"

// What filters look at, in a closed alphabet: hashes for what must be equal, numbers for what is ordered. Text of a document or of a
// caller's filter never reaches the engine's filter language.

/** Fields of a document that a filter may name: its metadata, and what begins with `$`. */
export type Fields = Readonly<Record<string, MetadataValue>>

export const fieldsOf = (document: IndexEntry["document"], documentId: string): Fields => ({
  ...document.metadata,
  $name: document.name,
  $mediaType: document.mediaType,
  $documentId: documentId,
  $createdAt: document.createdAt.toISOString()
})

const hashOf = (...parts: ReadonlyArray<unknown>): string =>
  createHash("sha256").update(JSON.stringify(parts)).digest("hex").slice(0, 24)

type Scalar = string | number | boolean

/** The field is this very value; text, numbers and booleans are never equal. */
export const isFact = (field: string, value: Scalar): string => hashOf("is", field, value)

/** The field is a list that has this item. */
export const hasFact = (field: string, item: Scalar): string => hashOf("has", field, item)

/** The document has the field. */
export const existsFact = (field: string): string => hashOf("exists", field)

/** The field is text, or a number: only then it can be compared. */
export const kindFact = (field: string, kind: "string" | "number"): string => hashOf("kind", field, kind)

export interface Facts {
  /** Hashes that stand for what is true of the document. */
  readonly facts: ReadonlyArray<string>
  /** Places of its numbers and texts in their order. */
  readonly ranks: ReadonlyArray<number>
}

export const factsOf = (fields: Fields): Facts => {
  const facts = new Set<string>()
  const ranks = new Set<number>()
  for (const [field, value] of Object.entries(fields)) {
    facts.add(existsFact(field))
    if (typeof value === "object") {
      for (const item of value) facts.add(hasFact(field, item))
      continue
    }
    facts.add(isFact(field, value))
    if (typeof value === "boolean") continue
    facts.add(kindFact(field, typeof value === "string" ? "string" : "number"))
    for (const key of typeof value === "string" ? textKeys(field, value) : [numberKey(field, value)]) ranks.add(key)
  }
  return { facts: [...facts], ranks: [...ranks] }
}
