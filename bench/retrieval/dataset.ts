import { Effect, FileSystem, Path, Schema } from "effect"
import type { Judgements } from "./metrics.ts"

const Doc = Schema.Struct({ id: Schema.String, title: Schema.optionalKey(Schema.String), text: Schema.String })
const Query = Schema.Struct({ id: Schema.String, text: Schema.String })

export interface Dataset {
  readonly name: string
  /** Title and text as one. */
  readonly docs: ReadonlyArray<{ readonly id: string; readonly text: string }>
  /** Those with at least one document judged relevant. */
  readonly queries: ReadonlyArray<{ readonly id: string; readonly text: string; readonly judgements: Judgements }>
}

const lines = (text: string) => text.split("\n").filter((line) => line.trim() !== "")

const decode = <A>(schema: Schema.Codec<A>, text: string) =>
  Schema.decodeEffect(Schema.Array(Schema.fromJsonString(schema)))(lines(text))

const judgementsOf = (tsv: string): ReadonlyMap<string, Judgements> => {
  const all = new Map<string, Map<string, number>>()
  for (const line of lines(tsv).slice(1)) {
    const [query = "", doc = "", grade = "0"] = line.split("\t")
    if (Number(grade) <= 0) continue
    const known = all.get(query) ?? new Map<string, number>()
    all.set(query, known.set(doc, Number(grade)))
  }
  return all
}

/** Reads a folder with docs.jsonl, queries.jsonl and qrels.tsv (BEIR's layout, header line included). */
export const loadDataset = Effect.fn("loadDataset")(function*(folder: string) {
  const fs = yield* FileSystem.FileSystem
  const path = yield* Path.Path
  const read = (file: string) => fs.readFileString(path.join(folder, file))
  const docs = yield* Effect.flatMap(read("docs.jsonl"), (text) => decode(Doc, text))
  const queries = yield* Effect.flatMap(read("queries.jsonl"), (text) => decode(Query, text))
  const judged = judgementsOf(yield* read("qrels.tsv"))
  const dataset: Dataset = {
    name: path.basename(path.resolve(folder)),
    docs: docs.map(({ id, text, title = "" }) => ({ id, text: `${title} ${text}`.trim() })),
    queries: queries.flatMap(({ id, text }) => {
      const judgements = judged.get(id)
      return judgements === undefined ? [] : [{ id, text, judgements }]
    })
  }
  return dataset
})
