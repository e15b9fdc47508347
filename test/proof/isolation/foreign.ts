import { ApiRpcs, type ApiTag } from "@sheaf/domain/ApiRpcs"
import { Effect, Predicate, Schema } from "effect"
import * as Arbitrary from "effect/Arbitrary"
import { numbers } from "../numbers.ts"

// Requests that speak of another tenant's things: made from the schemas of the contract, so that an operation that is added takes part.

/** Ids of the other tenant by the name under which requests send them, and words that stand in its texts. */
export interface Foreign {
  readonly ids: Readonly<Record<string, string>>
  readonly words: ReadonlyArray<string>
}

const uuid = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i

/** `documentIds` and `ids` of documents are named as `documentId` is. */
const singular = (name: string) => name.replace(/Ids$/, "Id")

/** Fields of free text, in which words of the other tenant stand. */
const spoken: ReadonlySet<string> = new Set(["text", "name", "value", "equals", "prefix", "contains"])

/** The value with the other tenant's ids in place of ids, and its words in place of words. Nobody waits. */
const aimed = (value: unknown, foreign: Foreign, next: () => number, key = ""): unknown => {
  if (Array.isArray(value)) return value.map((item) => aimed(item, foreign, next, key))
  if (Predicate.isObject(value)) {
    return Object.fromEntries(Object.entries(value).map(([name, item]) => [name, aimed(item, foreign, next, name)]))
  }
  if (key === "waitMs") return 1
  const id = foreign.ids[singular(key)]
  if (typeof value !== "string") return value
  if (id !== undefined) return id
  if (uuid.test(value)) return Object.values(foreign.ids)[Math.floor(next() * Object.keys(foreign.ids).length)]
  return spoken.has(key) && next() < 0.7 ? foreign.words[Math.floor(next() * foreign.words.length)] : value
}

/** Payloads of every operation, as JSON. */
export const foreignPayloads = Effect.fn("proof.foreignPayloads")(
  function*(foreign: Foreign, { count, seed }: { readonly count: number; readonly seed: number }) {
    const next = numbers(seed)
    const made: Array<{ readonly tag: ApiTag; readonly payload: unknown }> = []
    for (const rpc of ApiRpcs.requests.values()) {
      const codec = Schema.toCodecJson(rpc.payloadSchema)
      const encode = Schema.encodeUnknownEffect(codec)
      const samples = yield* (
        Arbitrary.sampleEffect(Arbitrary.schema(rpc.payloadSchema), { count, seed, size: 4 })
      )
      for (const sample of samples) {
        made.push({ tag: rpc._tag, payload: aimed(yield* encode(sample), foreign, next) })
      }
    }
    return made
  },
  Effect.orDie
)
