import { JobsRepo } from "@sheaf/adapters/repos/JobsRepo"
import { Effect, Layer } from "effect"
import { HttpRouter, HttpServerResponse } from "effect/http"
import { PrometheusMetrics } from "effect/observability"
import { answering } from "./answers.ts"

const gauge = (name: string, help: string, samples: ReadonlyArray<readonly [labels: string, value: number]>): string =>
  [`# HELP ${name} ${help}`, `# TYPE ${name} gauge`, ...samples.map(([labels, value]) => `${name}{${labels}} ${value}`)]
    .join("\n") + "\n"

/** Stages are our own words: nothing in them has to be escaped. */
const backlogOf = (rows: Effect.Success<JobsRepo["Service"]["backlog"]>): string => {
  const owed = rows.filter((row) => row.state !== "dead")
  return gauge(
    "sheaf_jobs",
    "Jobs owed, by stage and state.",
    rows.map(({ jobs, stage, state }) => [`stage="${stage}",state="${state}"`, jobs])
  ) + gauge(
    "sheaf_jobs_oldest_seconds",
    "For how long the oldest job of a stage has been due.",
    owed.map(({ oldestSeconds, stage, state }) => [`stage="${stage}",state="${state}"`, oldestSeconds])
  )
}

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
