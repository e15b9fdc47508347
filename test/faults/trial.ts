import * as Postgres from "@sheaf/adapters/sql/postgres"
import { Effect, Schedule } from "effect"
import { SqlClient } from "effect/sql"
import type { Production } from "../support/production/Production.ts"
import { gather } from "./evidence/gather.ts"
import type { Fault, Size } from "./faults.ts"
import { client, ingestLibrary } from "./ingest.ts"
import { type Findings, judge } from "./judge.ts"
import { makeLibrary } from "./library.ts"
import type { Plant } from "./plants.ts"

export interface Verdict {
  readonly fault: string
  readonly what: string
  readonly documents: number
  readonly findings: Findings
  readonly seconds: number
}

export interface TrialOptions {
  readonly seed: number
  readonly documents: number
  readonly size: Size
  /** A defect of our own, to see that it is found. */
  readonly plant?: Plant
}

const owedJobs = (datasetId: string) =>
  Effect.gen(function*() {
    const sql = yield* SqlClient.SqlClient
    const rows = yield* sql`select 1 from jobs where payload ->> 'datasetId' = ${datasetId} and state <> 'dead' limit 1`
    return rows.length
  })

/** Ingests a library while something goes wrong, waits until all is quiet, and judges what is there. */
export const trial = Effect.fn("faults.trial")(
  function*(production: Production, fault: Fault, { documents, plant, seed, size }: TrialOptions) {
    const library = yield* makeLibrary(seed, documents)
    const sheaf = yield* client(production)
    const { id: datasetId } = yield* Effect.promise(() => sheaf.datasets.create({ name: `${fault.name} ${seed}` }))
    const spread = size === "full" ? fault.seconds : Math.min(fault.seconds, 3)
    const [ingested] = yield* Effect.all([
      ingestLibrary(sheaf, datasetId, library, { seconds: spread, giveUpAfterSeconds: size === "full" ? 420 : 120 }),
      fault.happen(production, size)
    ], { concurrency: "unbounded" })

    const database = Postgres.layer({ url: production.databaseUrl })
    const findings = yield* Effect.gen(function*() {
      yield* owedJobs(datasetId).pipe(
        Effect.repeat({ until: (owed) => owed === 0, schedule: Schedule.spaced("200 millis") }),
        Effect.timeoutOption("60 seconds")
      )
      if (plant !== undefined) yield* plant(production, datasetId)
      return judge(library, yield* gather(production, datasetId))
    }).pipe(Effect.provide(database))
    const lost = ingested.unpublished.map((reason) => `not published in time: ${reason}`)
    return {
      fault: fault.name,
      what: fault.what,
      documents,
      findings: { ...findings, lost: [...findings.lost, ...lost] },
      seconds: ingested.seconds
    } satisfies Verdict
  },
  Effect.scoped
)
