import * as NodeServices from "@effect/platform-node/NodeServices"
import { Context, Effect, Layer, Option } from "effect"
import type { SqlClient } from "effect/sql/SqlClient"
import type { BlobStore } from "../blobs/BlobStore.ts"
import type { Embedder } from "../embedding/Embedder.ts"
import type { JobFeed } from "../feed/JobFeed.ts"
import { forApi } from "../health/forApi.ts"
import { Health } from "../health/Health.ts"
import { ofPorts } from "../health/ofPorts.ts"
import { LimitDefaults } from "../limits/defaults.ts"
import type { NatsConnection } from "../nats/NatsConnection.ts"
import type { HintsRepo } from "../repos/jobs/HintsRepo.ts"
import type { JobsRepo } from "../repos/jobs/JobsRepo.ts"
import type { LeasesRepo } from "../repos/jobs/LeasesRepo.ts"
import * as Repos from "../repos/Repos.ts"
import type { SearchIndex } from "../search/SearchIndex.ts"
import type { Settings } from "../settings.ts"
import type { Signals } from "../signals/Signals.ts"
import { requireMigrated } from "../sql/migrate.ts"
import type { Role } from "../sql/postgres/limits.ts"
import { Attempts } from "./attempt.ts"
import { describe } from "./describe.ts"
import { otherSpaces } from "./otherSpaces.ts"
import { requireVector } from "./vectorExtension.ts"

/** The implementations that were chosen. */
export interface Chosen {
  readonly database: Layer.Layer<SqlClient, Error>
  readonly migrated: Effect.Effect<void, Error, SqlClient>
  readonly embedder: Layer.Layer<Embedder, Error>
  readonly previousEmbedder: Layer.Layer<never, Error>
  readonly blobs: Layer.Layer<BlobStore, Error>
  readonly nats: Layer.Layer<NatsConnection, Error> | undefined
  readonly signals: Layer.Layer<Signals, Error, NatsConnection>
  readonly feed: Layer.Layer<JobFeed, Error, FeedNeeds>
  readonly search: Search
  readonly reranker: Layer.Layer<never, Error>
}

/** An engine of its own starts beside the database; one in the database follows it. */
export type Search =
  | { readonly inDatabase: Layer.Layer<SearchIndex, Error, SqlClient> }
  | { readonly apart: Layer.Layer<SearchIndex, Error> }

export type FeedNeeds = JobsRepo | HintsRepo | LeasesRepo | Signals | NatsConnection

/** Builds what was chosen. What does not depend on each other starts at the same time, and what fails is told together. */
const make = Effect.fn("Adapters.make")(function*(settings: Settings, role: Role, chosen: Chosen) {
  const attempts = new Attempts()
  const { check, reach, start } = attempts
  const isServer = settings.database._tag === "Postgres"

  const database = Effect.gen(function*() {
    const sql = yield* start("database", chosen.database)
    if (Option.isNone(sql)) return { sql, index: Option.none<Context.Context<SearchIndex>>() }
    yield* check("migrations", Effect.provideContext(chosen.migrated, sql.value))
    if ("apart" in chosen.search) return { sql, index: Option.none() }
    const usable = isServer
      ? yield* check("search", Effect.provideContext(requireVector, sql.value))
      : Option.some(undefined)
    const index = Layer.provide(chosen.search.inDatabase, Layer.succeedContext(sql.value))
    return { sql, index: Option.isSome(usable) ? yield* start("search", index) : Option.none() }
  })
  const [{ index, sql }, apart, nats, blobs, embedder, previous] = yield* Effect.all([
    database,
    "apart" in chosen.search ? reach("search", chosen.search.apart) : Effect.succeedNone,
    chosen.nats === undefined ? Effect.succeedSome(Context.empty()) : reach("nats", chosen.nats),
    reach("blobs", chosen.blobs),
    reach("embedder", chosen.embedder),
    reach("previousEmbedder", chosen.previousEmbedder)
  ], { concurrency: "unbounded" })
  const first = yield* attempts.settle(
    Option.all([sql, Option.orElse(index, () => apart), nats, blobs, embedder, previous])
  )

  // Without NATS nothing is chosen that asks for it.
  const base = first.reduce<Context.Context<never>>(
    (all, one: Context.Context<never>) => Context.merge(all, one),
    Context.empty()
  ) as Context.Context<SqlClient | SearchIndex | NatsConnection | BlobStore | Embedder>
  const repositories = Repos.layer.pipe(
    Layer.provideMerge(chosen.signals),
    Layer.provideMerge(Layer.succeedContext(Context.add(base, LimitDefaults, settings.limits)))
  )
  const all = yield* Effect.flatMap(
    start("nats", Layer.provideMerge(Layer.merge(chosen.feed, chosen.reranker), repositories)),
    attempts.settle
  )
  const health = yield* Effect.provideContext(
    Effect.flatMap(partsOf(settings), (parts) => Layer.build(Health.layer(role === "api" ? forApi(parts) : parts))),
    all
  )
  const warnings = yield* Effect.provideContext(otherSpaces, all)
  yield* Effect.forEach(warnings, (warning) => Effect.logWarning(warning), { discard: true })
  return Context.merge(all, health)
})

/** How to look whether each part does its work. */
const partsOf = Effect.fnUntraced(function*(settings: Settings) {
  const active = describe(settings)
  const parts = [...yield* ofPorts(active)]
  if (settings.database._tag === "Postgres") {
    const context = yield* Effect.context<SqlClient>()
    parts.splice(1, 0, {
      name: "migrations",
      active: "of this release",
      probe: requireMigrated().pipe(
        // While a newer release is rolled out, this one goes on: migrations leave it what it needs.
        Effect.catchTag("DatabaseNewer", () => Effect.succeed("the database is of a newer release")),
        Effect.provide(NodeServices.layer),
        Effect.provideContext(context)
      ),
      remedy: "Run `sheaf migrate`."
    })
  }
  if (active.nats !== undefined) {
    const { natsPart } = yield* Effect.promise(() => import("../nats/health.ts"))
    parts.splice(1, 0, yield* natsPart(active.nats))
  }
  return parts
})

export const layer = (settings: Settings, role: Role, chosen: Chosen) =>
  Layer.effectContext(make(settings, role, chosen))
