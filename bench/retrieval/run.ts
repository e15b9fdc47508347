// Claim: hybrid search is never worse than words alone, and words alone are as good as BM25 gets (docs/benchmarks.md).
// How: a folder with docs.jsonl, queries.jsonl and qrels.tsv (BEIR's layout) is ingested through the SDK, one segment a document where
// it fits (chunker `whole`); then every judged query is asked, ten documents each, in every mode. Vectors of documents are
// remembered between runs by the hash of their text; with `--mode keyword` they are made up, as nobody asks for them.
import type { SearchMode } from "@sheaf/domain/search/Search"
import { Console, Duration, Effect, Schedule } from "effect"
import { fileURLToPath } from "node:url"
import { timed } from "../framework/measure.ts"
import * as Server from "../support/Server.ts"
import { type Dataset, loadDataset } from "./dataset.ts"
import { distractors } from "./distractors.ts"
import { mean, ndcg10, recall10 } from "./metrics.ts"

export interface Options {
  readonly folder: string
  readonly modes: ReadonlyArray<SearchMode>
  /** Made documents besides those of the set. */
  readonly distractors: number
}

export interface Score {
  readonly set: string
  readonly mode: SearchMode
  readonly ndcg10: number
  readonly recall10: number
  readonly msPerQuery: number
}

const cache = fileURLToPath(new URL("../../node_modules/.cache/sheaf-bench/vectors", import.meta.url))

/** Calls under way at a time: enough to keep the pipeline busy. */
const concurrency = 16

/** More than ten segments, as a long document may have several. */
const limit = 30

const unfinished = ["queuing", "indexing", "updating", "waiting", "paused"] as const

export const score = Effect.fn("retrieval.score")(function*(options: Options) {
  const set = yield* loadDataset(options.folder)
  const needsVectors = options.modes.some((mode) => mode !== "keyword")
  const { sheaf } = yield* Server.start({ embedder: needsVectors ? { cache } : "instant" })
  const { id } = yield* sheaf.datasets.create({ name: set.name, chunking: { method: "whole" } })
  yield* ingest(sheaf, id, set, options.distractors)
  return yield* Effect.forEach(options.modes, (mode) => ask(sheaf, id, set, mode))
}, Effect.scoped)

const ingest = Effect.fnUntraced(
  function*(sheaf: Server.Client, dataset: string, { docs, name }: Dataset, distracting: number) {
    const made = distractors(docs.map(({ text }) => text), distracting, 1)
    const all = [...docs, ...Array.from(made, (text, index) => ({ id: `distractor-${index}`, text }))]
    const list = (status: typeof unfinished[number] | "error" | ReadonlyArray<typeof unfinished[number]>) =>
      sheaf.documents.list({ dataset, status, limit: 1, withTotal: true })
    const { ms } = yield* timed(
      Effect.forEach(all, (doc) =>
        sheaf.documents.ingest({ text: doc.text === "" ? " " : doc.text }, {
          dataset,
          name: "text",
          metadata: { doc: doc.id },
          lane: "bulk",
          ifSame: "new"
        }), { concurrency, discard: true }).pipe(
          Effect.andThen(
            list(unfinished).pipe(
              Effect.tap(({ total = 0 }) => Console.error(`${name}: ${all.length - total} of ${all.length} documents`)),
              Effect.repeat({
                until: ({ total }) => total === 0,
                schedule: Schedule.spaced(Duration.seconds(2))
              })
            )
          )
        )
    )
    const failed = (yield* list("error")).items
    yield* Console.error(
      `${name}: ${all.length} documents in ${(ms / 1_000).toFixed(0)} s, ${
        (all.length / ms * 1_000).toFixed(1)
      } a second` +
        (failed.length === 0 ? "" : `; some failed: ${JSON.stringify(failed[0]?.run?.cause)}`)
    )
  }
)

/** Documents by their best segment. */
const ask = Effect.fnUntraced(
  function*(sheaf: Server.Client, dataset: string, { name, queries }: Dataset, mode: SearchMode) {
    const results = yield* Effect.forEach(
      queries,
      ({ judgements, text }) =>
        timed(sheaf.search({ text, mode, datasets: [{ id: dataset }], limit })).pipe(
          Effect.map(({ ms, value: { hits } }) => {
            const ranking = [...new Set(hits.map((hit) => String(hit.metadata["doc"])))]
            return { ms, ndcg10: ndcg10(ranking, judgements), recall10: recall10(ranking, judgements) }
          })
        )
    )
    const averaged = (pick: (result: (typeof results)[number]) => number) => mean(results.map(pick))
    const round = (value: number) => Number(value.toFixed(4))
    const found: Score = {
      set: name,
      mode,
      ndcg10: round(averaged((result) => result.ndcg10)),
      recall10: round(averaged((result) => result.recall10)),
      msPerQuery: round(averaged((result) => result.ms))
    }
    return found
  }
)
