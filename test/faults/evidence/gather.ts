import { Effect } from "effect"
import type { Production } from "../../support/production/Production.ts"
import { readBlobs } from "./blobs.ts"
import { readDatabase } from "./database.ts"
import type { Evidence } from "./Evidence.ts"
import { readSearchEngine } from "./searchEngine.ts"

/** Reads a dataset everywhere it has left a trace. Nothing may be at work on it. */
export const gather = Effect.fn("faults.gather")(function*(production: Production, datasetId: string) {
  const rows = yield* readDatabase(datasetId)
  const entries = yield* readSearchEngine(production.search, datasetId)
  const blobs = yield* readBlobs(production.blobs, datasetId)
  return { ...rows, entries, blobs } satisfies Evidence
})
