import { BlobStore } from "@sheaf/adapters/blobs/BlobStore"
import { Embedder } from "@sheaf/adapters/embedding/Embedder"
import { previousEmbedders } from "@sheaf/adapters/embedding/Embedders"
import * as GuardedFetch from "@sheaf/adapters/fetch/GuardedFetch"
import * as Repos from "@sheaf/adapters/repos/Repos"
import { SearchIndex } from "@sheaf/adapters/search/SearchIndex"
import * as KeyRing from "@sheaf/adapters/secrets/keyRing"
import { Signals } from "@sheaf/adapters/signals/Signals"
import { defaults, NotionEndpoint } from "@sheaf/adapters/notion/NotionEndpoint"
import { ApiRpcs } from "@sheaf/domain/ApiRpcs"
import { Edge } from "@sheaf/domain/edge/middleware"
import { limits } from "@sheaf/domain/limits"
import * as Operations from "@sheaf/server/Operations"
import { ParserJail } from "@sheaf/worker/parsing/jail/ParserJail"
import { RenderJail } from "@sheaf/worker/parsing/render/RenderJail"
import * as Worker from "@sheaf/worker/Worker"
import { Clock, Context, Duration, Effect, Exit, Layer, Logger, Redacted, References, Scope } from "effect"
import { RpcTest } from "effect/rpc"
import { SqlClient } from "effect/sql"
import { CurrentTransformer } from "effect/sql/Statement"
import type { Installation } from "./Installation.ts"
import { gated, gateTransactions, statementGate } from "./gated.ts"
import { otherEmbedder } from "./model.ts"
import { Script } from "./Script.ts"

/** What secrets of tenants are sealed with: the same for all lives. */
const secretKey = { id: "proof", key: Redacted.make(new Uint8Array(32).fill(7)) }

export interface LifeOptions {
  /** No other process is at work: whatever an earlier one held is free at once. */
  readonly alone: boolean
  /** Every hint is given twice. */
  readonly doubled?: boolean
}

/** One process of Sheaf, server and worker, that can be dropped between any two effects without a chance to say goodbye. */
export type Life = Effect.Success<ReturnType<typeof begin>>

const make = <Port extends object, I>(key: Context.Service<I, Port>, name: string, script: Script) =>
  Layer.effect(key, Effect.map(key, (port) => gated(name, port, script)))

const doubled = Layer.effect(
  Signals,
  Effect.map(Signals, (signals) =>
    Signals.of({
      ...signals,
      send: (signal) => Effect.andThen(signals.send(signal), signals.send(signal))
    }))
)

/** Says which operation is at work, as the runner says which stage is. */
const named = (edge: Edge["Service"]): Edge["Service"] => (effect, options) =>
  edge(Effect.annotateLogs(effect, { stage: options.rpc._tag }), options)

/** Begins a life in a scope of its own, which only `bury` closes. */
export const begin = Effect.fn("Life.begin")(function*(installation: Installation, options: LifeOptions) {
  const scope = yield* Scope.make()
  const { cut, sql: plain } = yield* Scope.provide(installation.connect, scope)
  const script = new Script(cut)
  const sql = gateTransactions(plain, script)
  const outside = Layer.succeedContext(installation.outside)

  const ports = Layer.mergeAll(
    make(BlobStore, "blobs", script).pipe(Layer.provide(installation.blobs)),
    make(SearchIndex, "index", script).pipe(Layer.provide(installation.index)),
    make(Embedder, "embedder", script).pipe(Layer.provide(outside)),
    make(ParserJail, "parsers", script).pipe(Layer.provide(outside)),
    make(RenderJail, "pages", script).pipe(Layer.provide(outside)),
    make(GuardedFetch.GuardedFetch, "fetch", script).pipe(
      Layer.provide(GuardedFetch.layer({ allow: ["127.0.0.1/32"] }))
    )
  )
  const stored = Layer.merge(Repos.layer, ports).pipe(
    Layer.provideMerge(Layer.mergeAll(
      options.doubled === true ? doubled.pipe(Layer.provideMerge(installation.signals)) : installation.signals,
      Layer.succeed(SqlClient.SqlClient, sql)
    ))
  )
  const worker = Worker.layer({
    name: "proof",
    alone: options.alone,
    poll: Duration.millis(500),
    heartbeat: Duration.millis(200),
    upkeep: { lookEvery: Duration.days(1), grace: Duration.zero, secondLook: Duration.zero }
  }).pipe(Layer.provide(installation.feed))
  const operations = Operations.layer({ version: "0.0.0-test", profile: "embedded", limits })
  const everything = Layer.merge(worker, operations).pipe(
    Layer.provideMerge(stored),
    Layer.provide(Layer.mergeAll(
      Layer.succeed(CurrentTransformer, statementGate(sql, script)),
      KeyRing.layer([secretKey]),
      Layer.succeed(NotionEndpoint, { ...defaults, url: installation.notion, callsPerSecond: 1_000 }),
      Layer.succeed(previousEmbedders, [gated("embedder", otherEmbedder, script)]),
      Layer.succeed(Clock.Clock, Clock.Clock.defaultValue()),
      Logger.layer([])
    ))
  )
  const context = yield* Layer.buildWithScope(everything, scope).pipe(Effect.orDie)
  const served = context.pipe(
    Context.add(Edge, named(Context.get(context, Edge))),
    Context.add(Scope.Scope, scope)
  )
  const silent = Effect.provideService(References.CurrentLoggers, new Set<Logger.Logger<unknown, unknown>>())
  const client = yield* RpcTest.makeClient(ApiRpcs).pipe(
    Effect.provideContext(served),
    Effect.provideService(CurrentTransformer, statementGate(sql, script)),
    Effect.provideService(Clock.Clock, Clock.Clock.defaultValue()),
    silent
  )
  return {
    script,
    client,
    receiver: installation.receiver,
    /** What the server and the worker are made of, to be used as they use it. */
    context,
    inside: <A, E, R>(effect: Effect.Effect<A, E, R>) =>
      effect.pipe(
        Effect.provideContext(context),
        Effect.provideService(CurrentTransformer, statementGate(sql, script)),
        Effect.provideService(Clock.Clock, Clock.Clock.defaultValue()),
        silent
      ),
    /** Frees what a dead life still holds in memory; nothing of what runs then reaches anything. */
    bury: Effect.suspend(() => {
      script.bury()
      return Effect.forkDetach(Effect.ignoreCause(Scope.close(scope, Exit.void)))
    })
  }
})
