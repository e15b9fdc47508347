import { alteredField, checkDocument, type Field, fieldOf, shownField } from "./fields.ts"
import { isObject, type Json, type JsonObject, parse, Refusal } from "./Refusal.ts"
import { tokensOf } from "./tokens.ts"

export interface Stored {
  /** In the order of first arrival. */
  readonly sequence: number
  readonly id: string
  document: JsonObject
}

interface LineAnswer {
  readonly isJson: boolean
  readonly id?: Json | undefined
  readonly refusal?: Refusal
}

const actions = new Set(["create", "upsert", "update", "emplace"])

/** A collection in memory, with what its searches need: words of text fields, and vectors. */
export class Collection {
  readonly name: string
  readonly fields: Map<string, Field>
  readonly stored = new Map<string, Stored>()
  readonly bySequence = new Map<number, Stored>()
  /** Field, word, sequences. */
  private readonly words = new Map<string, Map<string, Set<number>>>()
  /** By field and sequence; as in the real graph, a vector stays when its document comes again without one. */
  readonly vectors = new Map<string, Map<number, Float32Array>>()
  private metadata: JsonObject | undefined
  private readonly given: JsonObject
  private next = 0
  private readonly createdAt: number
  readonly defaultSortingField: string

  constructor(given: JsonObject, createdAt: number) {
    const { default_sorting_field: sorting, fields, metadata, name } = given
    if (typeof name !== "string") throw new Refusal(400, "Parameter `name` is required.")
    if (!Array.isArray(fields) || fields.length === 0) {
      throw new Refusal(400, "The `fields` value should be an array of objects.")
    }
    this.name = name
    this.createdAt = createdAt
    this.given = given
    this.defaultSortingField = typeof sorting === "string" ? sorting : ""
    this.metadata = isObject(metadata) ? metadata : undefined
    this.fields = new Map(
      (fields as ReadonlyArray<Json>).map((one) => fieldOf(one)).map((field) => [field.name, field])
    )
  }

  shown(): JsonObject {
    return {
      created_at: this.createdAt,
      default_sorting_field: this.defaultSortingField,
      enable_nested_fields: this.given["enable_nested_fields"] === true,
      fields: [...this.fields.values()].map(shownField),
      ...(this.metadata !== undefined && { metadata: this.metadata }),
      name: this.name,
      num_documents: this.stored.size,
      symbols_to_index: this.given["symbols_to_index"] ?? [],
      token_separators: this.given["token_separators"] ?? []
    }
  }

  /** Sequences of the documents that have a word in a field. */
  having(field: string, word: string): ReadonlySet<number> {
    return this.words.get(field)?.get(word) ?? new Set()
  }

  find(id: string): JsonObject {
    const stored = this.stored.get(id)
    if (stored === undefined) throw new Refusal(404, `Could not find a document with id: ${id}`)
    return stored.document
  }

  /** One answer a line, in order; blank lines have none. */
  import(body: string, action: string, isTold: boolean): string {
    if (!actions.has(action)) throw new Refusal(400, "Parameter `action` must be a create|update|upsert.")
    const answers: Array<string> = []
    /** A line that is not JSON is answered with the id of the line before it. */
    let id: Json | undefined
    for (const line of body.split("\n")) {
      if (line.trim() === "") continue
      const answer = this.importLine(line, action)
      if (answer.isJson) id = answer.id
      const problem = answer.refusal
      answers.push(
        problem === undefined && !isTold ? `{"success":true}` : JSON.stringify({
          ...(problem !== undefined && { code: problem.status, error: problem.message }),
          ...(isTold && id !== undefined && { id }),
          success: problem === undefined
        })
      )
    }
    return answers.join("\n")
  }

  private importLine(line: string, action: string): LineAnswer {
    let document: Json
    try {
      document = parse(line)
    } catch (error) {
      return { isJson: false, refusal: new Refusal(400, `Bad JSON: ${String(error)}`) }
    }
    if (!isObject(document)) {
      return { isJson: true, refusal: new Refusal(400, "Bad JSON: not a properly formed document.") }
    }
    try {
      return { isJson: true, id: this.write(document, action)["id"] }
    } catch (error) {
      if (error instanceof Refusal) return { isJson: true, id: document["id"], refusal: error }
      throw error
    }
  }

  write(given: JsonObject, action: string): JsonObject {
    const id = given["id"] ?? `${this.next}`
    if (typeof id !== "string") throw new Refusal(400, "Document's `id` field should be a string.")
    if (id === "") throw new Refusal(400, "The `id` should not be empty.")
    const existing = this.stored.get(id)
    if (action === "update" && given["id"] === undefined) {
      throw new Refusal(400, "For update, the `id` key must be provided.")
    }
    if (existing !== undefined && action === "create") {
      throw new Refusal(409, `A document with id ${id} already exists.`)
    }
    if (existing === undefined && action === "update") {
      throw new Refusal(404, `Could not find a document with id: ${id}`)
    }
    const isMerge = existing !== undefined && (action === "update" || action === "emplace")
    const whole = isMerge ? { ...existing.document, ...given } : given
    const document = Object.values(whole).includes(null)
      ? Object.fromEntries(Object.entries(whole).filter(([name, value]) => value !== null || this.isRequired(name)))
      : whole
    const sorting = action === "emplace" || action === "update" ? "" : this.defaultSortingField
    const problem = checkDocument(this.fields.values(), document, sorting)
    if (problem !== undefined) throw new Refusal(400, problem)
    if (existing !== undefined) this.unindex(existing)
    const stored = existing ?? { sequence: this.next++, id, document }
    stored.document = document["id"] === undefined ? { ...document, id } : document
    this.stored.set(id, stored)
    this.bySequence.set(stored.sequence, stored)
    this.index(stored)
    return stored.document
  }

  remove(stored: Stored): void {
    this.unindex(stored)
    for (const vectors of this.vectors.values()) vectors.delete(stored.sequence)
    this.stored.delete(stored.id)
    this.bySequence.delete(stored.sequence)
  }

  /** Adds and drops fields, or changes the metadata. */
  alter(change: JsonObject): JsonObject {
    const { fields = [], metadata } = change
    if (Object.keys(change).length === 0) throw new Refusal(400, "Alter payload is empty.")
    if (Object.keys(change).some((name) => name !== "fields" && name !== "metadata")) {
      throw new Refusal(400, "Only `fields` and `metadata` can be updated at the moment.")
    }
    const changes = (Array.isArray(fields) ? fields : []).filter(isObject)
    const dropped = new Set(changes.filter((one) => one["drop"] === true).map((one) => String(one["name"])))
    const unknown = [...dropped].find((name) => !this.fields.has(name))
    if (unknown !== undefined) throw new Refusal(400, `Field \`${unknown}\` is not part of collection schema.`)
    const added = changes.filter((one) => one["drop"] !== true).map(fieldOf)
    for (const field of added) this.checkAddition(field, dropped)
    if (isObject(metadata)) this.metadata = metadata
    for (const stored of this.stored.values()) this.unindex(stored)
    for (const name of dropped) this.fields.delete(name)
    for (const field of added) this.fields.set(field.name, field)
    for (const stored of this.stored.values()) this.index(stored)
    return {
      ...(change["fields"] !== undefined && {
        fields: [...[...dropped].map((name) => ({ drop: true, embed: null, name })), ...added.map(alteredField)]
      }),
      ...(isObject(metadata) && { metadata })
    }
  }

  private checkAddition(field: Field, dropped: ReadonlySet<string>): void {
    const { name, optional } = field
    if (this.fields.has(name) && !dropped.has(name)) {
      throw new Refusal(
        400,
        `Field \`${name}\` is already part of the schema: To change this field, drop it first before adding it back to the schema.`
      )
    }
    for (const { document } of this.stored.values()) {
      if (document[name] === undefined && !optional) {
        throw new Refusal(
          400,
          `Field \`${name}\` has been declared in the schema, but is not found in the documents already present in the ` +
            "collection. If you still want to add this field, set it as `optional: true`."
        )
      }
      const problem = checkDocument([field], document, "")
      if (problem !== undefined) {
        throw new Refusal(
          400,
          `Schema change is incompatible with the type of documents already stored in this collection. error: ${problem}`
        )
      }
    }
  }

  private isRequired(name: string): boolean {
    return this.fields.get(name)?.optional === false
  }

  private wordsOf({ document }: Stored): ReadonlyArray<readonly [Field, ReadonlyArray<string>]> {
    return [...this.fields.values()].flatMap((field) => {
      const value = document[field.name]
      if (!field.index || !field.type.startsWith("string") || value === undefined) return []
      const texts = typeof value === "string" ? [value] : Array.isArray(value) ? value as ReadonlyArray<string> : []
      return [[field, texts.flatMap(tokensOf)] as const]
    })
  }

  private index(stored: Stored): void {
    for (const [{ name }, words] of this.wordsOf(stored)) {
      let byWord = this.words.get(name)
      if (byWord === undefined) this.words.set(name, byWord = new Map())
      for (const word of words) {
        const sequences = byWord.get(word)
        if (sequences === undefined) byWord.set(word, new Set([stored.sequence]))
        else sequences.add(stored.sequence)
      }
    }
    for (const { index, name, numDim } of this.fields.values()) {
      const value = stored.document[name]
      if (numDim === undefined || !index || !Array.isArray(value)) continue
      let vectors = this.vectors.get(name)
      if (vectors === undefined) this.vectors.set(name, vectors = new Map())
      vectors.set(stored.sequence, normalised(value as ReadonlyArray<number>))
    }
  }

  private unindex(stored: Stored): void {
    for (const [{ name }, words] of this.wordsOf(stored)) {
      const byWord = this.words.get(name)
      for (const word of words) {
        const sequences = byWord?.get(word)
        sequences?.delete(stored.sequence)
        if (sequences?.size === 0) byWord?.delete(word)
      }
    }
  }
}

/** A vector of no length stays as it is: it is at distance 1 from everything. */
export const normalised = (vector: ReadonlyArray<number>): Float32Array => {
  const result = Float32Array.from(vector)
  let squares = 0
  for (const value of result) squares += value * value
  const scale = squares === 0 ? 0 : 1 / Math.sqrt(squares)
  for (let i = 0; i < result.length; i++) result[i]! *= scale
  return result
}
