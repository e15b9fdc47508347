import { type Backlog, JobsRepo } from "@sheaf/adapters/repos/jobs/JobsRepo"
import { Effect, Layer } from "effect"
import { HttpRouter, HttpServerResponse } from "effect/http"
import { PrometheusMetrics } from "effect/observability"
import { answering } from "./answers.ts"

const gauge = (name: string, help: string, samples: ReadonlyArray<readonly [labels: string, value: number]>): string =>
  [`# HELP ${name} ${help}`, `# TYPE ${name} gauge`, ...samples.map(([labels, value]) => `${name}{${labels}} ${value}`)]
    .join("\n") + "\n"

/** Stages are our own words: nothing in them has to be escaped. */
const labelsOf = ({ lane, stage, state }: Backlog) => `stage="${stage}",lane="${lane}",state="${state}"`

const backlogOf = (rows: ReadonlyArray<Backlog>): string =>
  gauge(
    "sheaf_jobs",
    "Jobs by stage, lane and state: ready and leased ones are owed, dead ones were given up.",
    rows.map((row) => [labelsOf(row), row.jobs])
  ) + gauge(
    "sheaf_jobs_oldest_seconds",
    "For how long the oldest owed job of a stage, lane and state has been due.",
    rows.filter(({ state }) => state !== "dead").map((row) => [labelsOf(row), row.oldestSeconds])
  )

/** For Prometheus: what is owed and how old it is, from the database; what this process did, from its own counts. */
export const layer = Layer.effectDiscard(Effect.gen(function*() {
  const jobs = yield* JobsRepo
  const router = yield* HttpRouter.HttpRouter
  yield* router.add(
    "GET",
    "/metrics",
    Effect.gen(function*() {
      const text = backlogOf(yield* jobs.backlog) + (yield* PrometheusMetrics.format())
      return HttpServerResponse.text(text, {
        contentType: "text/plain; version=0.0.4; charset=utf-8",
        headers: { "cache-control": "no-store" }
      })
    }).pipe(answering("Metrics"))
  )
}))
