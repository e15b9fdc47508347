// Claim: hybrid search is never worse than words alone, and words alone are as good as BM25 gets (docs/benchmarks.md).
// How: a folder with docs.jsonl, queries.jsonl and qrels.tsv (BEIR's layout) is ingested through the SDK, one segment a document where
// it fits (chunker `whole`); then every judged query is asked, ten documents each, in every mode. Vectors of documents are
// remembered between runs by the hash of their text; with `--mode keyword` they are made up, as nobody asks for them.
// Distractors come as sections of larger documents, each a segment like any other, in a dataset that is searched together with the
// set: one by one they would measure how fast jobs are settled.
import type { SearchMode } from "@sheaf/domain/search/Search"
import type { DocumentStatus } from "@sheaf/domain/documents/status"
import type { TextSource } from "@sheaf/sdk/effect"
import { Console, Effect, Schedule } from "effect"
import { fileURLToPath } from "node:url"
import { timed } from "../framework/measure.ts"
import * as Server from "../support/Server.ts"
import * as Typesense from "../support/typesense.ts"
import { type Dataset, loadDataset } from "./dataset.ts"
import { distractors } from "./distractors.ts"
import { fullBm25 } from "./fullBm25.ts"
import { mean, ndcg10, recall10 } from "./metrics.ts"

export interface Options {
  readonly folder: string
  readonly modes: ReadonlyArray<SearchMode>
  /** Made documents besides those of the set. */
  readonly distractors: number
  /** `typesense` is the server that TYPESENSE_URL names, or the double of the tests. */
  readonly engine: "database" | "typesense"
}

interface Score {
  readonly set: string
  readonly mode: SearchMode
  readonly ndcg10: number
  readonly recall10: number
  readonly msPerQuery: number
}

const cache = fileURLToPath(new URL("../../node_modules/.cache/sheaf-bench/vectors", import.meta.url))

/** Calls under way at a time: enough to keep the pipeline busy. */
const concurrency = 16

const sectionsADocument = 200

/** More than ten segments, as a long document may have several. */
const limit = 30

const unfinished = ["queuing", "indexing", "updating", "waiting", "paused"] satisfies ReadonlyArray<DocumentStatus>

export const score = Effect.fn("retrieval.score")(function*(options: Options) {
  const set = yield* loadDataset(options.folder)
  const needsVectors = options.modes.some((mode) => mode !== "keyword")
  const { sheaf } = yield* Server.start({
    embedder: needsVectors ? { cache } : "instant",
    ...(options.engine === "typesense" && { typesense: yield* Typesense.start() })
  })
  const { id } = yield* sheaf.datasets.create({ name: set.name, chunking: { method: "whole" } })
  yield* ingest(sheaf, id, set.name, set.docs.map(({ id, text }) => ({ source: { text }, metadata: { doc: id } })))
  const searched = [id]
  if (options.distractors > 0) {
    const sections = yield* sheaf.datasets.create({ name: "distractors", chunking: oneSegmentASection })
    const texts = [...distractors(set.docs.map(({ text }) => text), options.distractors, 1)]
    yield* compareFull(set, texts)
    yield* ingest(sheaf, sections.id, "distractors", [...bundled(texts)])
    searched.push(sections.id)
  }
  return yield* Effect.forEach(options.modes, (mode) => ask(sheaf, searched, set, mode))
}, Effect.scoped)

/** Says what BM25 over everything reaches, for the keyword search to be held against. */
const compareFull = ({ docs, name, queries }: Dataset, others: ReadonlyArray<string>) => {
  const search = fullBm25([...docs, ...others.map((text, index) => ({ id: `distractor ${index}`, text }))])
  const reached = mean(queries.map(({ judgements, text }) => ndcg10(search(text), judgements)))
  return Console.error(`${name}: full BM25 over all texts reaches ${reached.toFixed(4)}`)
}

const oneSegmentASection = { method: "general", maxTokens: 512, softMaxTokens: 512, combineUnder: 0 } as const

interface Arrival {
  readonly source: TextSource
  readonly metadata: Readonly<Record<string, string>>
}

/** Many texts as the sections of few documents. The first word of each is the title of its section, so that no word is added. */
function* bundled(texts: Iterable<string>): Generator<Arrival> {
  const escaped = (text: string) => text.replace(/[!-/:-@[-`{-~]/g, "\\$&")
  let sections: Array<string> = []
  const take = (): Arrival => ({ source: { text: sections.join("\n\n"), mediaType: "text/markdown" }, metadata: {} })
  for (const text of texts) {
    const [title = "", ...words] = text.split(" ")
    sections.push(`# ${escaped(title)}\n\n${escaped(words.join(" "))}`)
    if (sections.length < sectionsADocument) continue
    yield take()
    sections = []
  }
  if (sections.length > 0) yield take()
}

/** Ingests all and waits until each has been worked on. */
const ingest = Effect.fnUntraced(
  function*(sheaf: Server.Client, dataset: string, name: string, arrivals: ReadonlyArray<Arrival>) {
    const count = (status: ReadonlyArray<DocumentStatus>) =>
      Effect.map(sheaf.documents.list({ dataset, status, limit: 1, withTotal: true }), ({ total = 0 }) => total)
    const accept = Effect.forEach(
      arrivals,
      ({ metadata, source }) =>
        sheaf.documents.ingest(source, { dataset, name: "text", metadata, lane: "bulk", ifSame: "new" }),
      { concurrency, discard: true }
    )
    const settle = count(unfinished).pipe(
      Effect.tap((open) => Console.error(`${name}: ${arrivals.length - open} of ${arrivals.length} documents`)),
      Effect.repeat({ until: (open) => open === 0, schedule: Schedule.spaced("5 seconds") })
    )
    const { ms } = yield* timed(Effect.andThen(accept, settle))
    const { items: [failed], total = 0 } = yield* sheaf.documents.list({
      dataset,
      status: "error",
      limit: 1,
      withTotal: true
    })
    const { segments } = yield* sheaf.datasets.get({ id: dataset })
    yield* Console.error(
      `${name}: ${arrivals.length} documents, ${segments} segments in ${(ms / 1_000).toFixed(0)} s` +
        (failed === undefined ? "" : `; ${total} failed, one of them because of ${failed.run?.cause?._tag ?? "?"}`)
    )
  }
)

/** Documents by their best segment. */
const ask = Effect.fnUntraced(
  function*(sheaf: Server.Client, datasets: ReadonlyArray<string>, { name, queries }: Dataset, mode: SearchMode) {
    const results = yield* Effect.forEach(
      queries,
      ({ judgements, text }) =>
        timed(sheaf.search({ text, mode, datasets, limit })).pipe(
          Effect.map(({ ms, value: { hits } }) => {
            const ranking = [...new Set(hits.map((hit) => `${hit.metadata["doc"] ?? hit.segmentId}`))]
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
