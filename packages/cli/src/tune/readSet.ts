import { Effect, Schema } from "effect"
import * as Fs from "node:fs/promises"
import * as Path from "node:path"
import { Misused } from "../terminal/failures.ts"

const Doc = Schema.fromJsonString(
  Schema.Struct({ id: Schema.String, title: Schema.optionalKey(Schema.String), text: Schema.String })
)
const Query = Schema.fromJsonString(Schema.Struct({ id: Schema.String, text: Schema.String }))

/** Texts, questions, and which text answers which question how well. */
export interface JudgedSet {
  readonly docs: ReadonlyArray<{ readonly id: string; readonly text: string }>
  /** Those with at least one answer; `grades` by the id of the text. */
  readonly queries: ReadonlyArray<{ readonly text: string; readonly grades: ReadonlyMap<string, number> }>
}

const reasonOf = (error: unknown): string => {
  if (!(error instanceof Error)) return String(error)
  return "code" in error && error.code === "ENOENT" ? "it is not there" : error.message
}

const linesOf = (text: string) => text.split("\n").filter((line) => line.trim() !== "")

/** Reads docs.jsonl {id, title?, text}, queries.jsonl {id, text} and qrels.tsv (query, text, grade; first line a heading). */
export const readSet = Effect.fn("readSet")(function*(folder: string) {
  const unreadable = (file: string) => (error: unknown) =>
    new Misused({
      message: `${Path.join(folder, file)} cannot be used: ${reasonOf(error)}`,
      hint: "The folder needs docs.jsonl, queries.jsonl and qrels.tsv; see `sheaf tune --help`."
    })
  const read = (file: string) =>
    Effect.map(
      Effect.tryPromise({ try: () => Fs.readFile(Path.join(folder, file), "utf8"), catch: unreadable(file) }),
      linesOf
    )
  const decodeAll = <A>(file: string, schema: Schema.Codec<A, string>) =>
    Effect.flatMap(
      read(file),
      (lines) => Effect.mapError(Schema.decodeEffect(Schema.Array(schema))(lines), unreadable(file))
    )

  const grades = new Map<string, Map<string, number>>()
  for (const line of (yield* read("qrels.tsv")).slice(1)) {
    const [query = "", doc = "", grade = "0"] = line.split("\t")
    if (Number(grade) > 0) grades.set(query, (grades.get(query) ?? new Map<string, number>()).set(doc, Number(grade)))
  }
  const docs = yield* decodeAll("docs.jsonl", Doc)
  const queries = yield* decodeAll("queries.jsonl", Query)
  const set: JudgedSet = {
    docs: docs.map(({ id, text, title = "" }) => ({ id, text: `${title} ${text}`.trim() })),
    queries: queries.flatMap(({ id, text }) => {
      const known = grades.get(id)
      return known === undefined ? [] : [{ text, grades: known }]
    })
  }
  if (set.queries.length === 0) return yield* unreadable("qrels.tsv")("no question has an answer in it")
  return set
})
