import { DriftKind } from "@sheaf/domain/admin/DriftRpcs"
import { type Backlog, JobsRepo } from "@sheaf/adapters/repos/jobs/JobsRepo"
import { ReconciliationsRepo } from "@sheaf/adapters/repos/upkeep/ReconciliationsRepo"
import { Effect, Layer } from "effect"
import { HttpRouter, HttpServerResponse } from "effect/http"
import { PrometheusMetrics } from "effect/observability"
import { answering } from "./answers.ts"

const gauge = (name: string, help: string, samples: ReadonlyArray<readonly [labels: string, value: number]>): string =>
  [
    `# HELP ${name} ${help}`,
    `# TYPE ${name} gauge`,
    ...samples.map(([labels, value]) => `${name}${labels === "" ? "" : `{${labels}}`} ${value}`)
  ]
    .join("\n") + "\n"

/** Stages are our own words: nothing in them has to be escaped. */
const labelsOf = ({ lane, stage, state }: Backlog) => `stage="${stage}",lane="${lane}",state="${state}"`

const backlogOf = (rows: ReadonlyArray<Backlog>): string =>
  gauge(
    "sheaf_jobs",
    "Jobs by stage, lane and state: ready and leased ones are owed, paused ones are held up with their run, dead ones were given up.",
    rows.map((row) => [labelsOf(row), row.jobs])
  ) + gauge(
    "sheaf_jobs_oldest_seconds",
    "For how long the oldest owed job of a stage, lane and state has been due.",
    rows.filter(({ state }) => state === "ready" || state === "leased").map((row) => [labelsOf(row), row.oldestSeconds])
  )

/** Every kind, also those of which there is nothing: a series that is not there raises no alarm. */
const driftOf = ({ kinds, oldestSeconds }: Effect.Success<ReconciliationsRepo["Service"]["drift"]>): string => {
  const of = (wanted: string) => kinds.find(({ kind }) => kind === wanted) ?? { found: 0, mended: 0 }
  const all = DriftKind.literals.map((kind) => [`kind="${kind}"`, of(kind)] as const)
  return gauge(
    "sheaf_drift",
    "What the last look through each tenant found out of step, by kind.",
    all.map(([labels, { found }]) => [labels, found])
  ) + gauge(
    "sheaf_drift_unmended",
    "What of it was not put right.",
    all.map(([labels, { found, mended }]) => [labels, found - mended])
  ) + gauge("sheaf_drift_look_age_seconds", "How long ago the oldest of these looks ended.", [["", oldestSeconds]])
}

/** For Prometheus: what is owed and how old it is, from the database; what this process did, from its own counts. */
export const layer = Layer.effectDiscard(Effect.gen(function*() {
  const jobs = yield* JobsRepo
  const looks = yield* ReconciliationsRepo
  const router = yield* HttpRouter.HttpRouter
  yield* router.add(
    "GET",
    "/metrics",
    Effect.gen(function*() {
      const text = backlogOf(yield* jobs.backlog) + driftOf(yield* looks.drift) + (yield* PrometheusMetrics.format())
      return HttpServerResponse.text(text, {
        contentType: "text/plain; version=0.0.4; charset=utf-8",
        headers: { "cache-control": "no-store" }
      })
    }).pipe(answering("Metrics"))
  )
}))
