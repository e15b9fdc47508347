import { jetstream, JetStreamApiError, type JetStreamClient, type JetStreamManager } from "@nats-io/jetstream"
import { connect, type NatsConnection as Core } from "@nats-io/transport-node"
import { Context, Duration, Effect, Layer, Queue, type Redacted, type Stream, SubscriptionRef } from "effect"
import { connectionOptions } from "./connectionOptions.ts"
import { NatsError, NatsUnusable, reasonOf } from "./errors.ts"

// A connection to NATS, nats-server 2.9 or newer with JetStream:
//
//   NatsConnection.layer({ servers: ["nats://127.0.0.1:4222"], credentials: { _tag: "Token", token } })
//
// It connects at once, so that a wrong address or password is an error at the start. From then on it reconnects for ever, and
// whoever uses it has to live with outages.

/** How the process proves who it is. */
export type Credentials =
  | { readonly _tag: "UserPassword"; readonly user: string; readonly password: Redacted.Redacted }
  | { readonly _tag: "Token"; readonly token: Redacted.Redacted }
  /** What is in a `.creds` file (a JWT and the seed of its key). */
  | { readonly _tag: "Creds"; readonly creds: Redacted.Redacted }

export interface Options {
  /** `nats://host:port` or `tls://host:port`, several of one cluster; user and password in a URL serve where none are given. */
  readonly servers: ReadonlyArray<string>
  readonly credentials?: Credentials
  /** PEM files; `tls://` alone trusts the authorities that Node trusts. */
  readonly tls?: { readonly caFile?: string; readonly certFile?: string; readonly keyFile?: string }
  /** First token of all subjects and, in capitals, of all streams: installations (and tests) can share a server. `sheaf` if not given. */
  readonly prefix?: string
  /** Names the process in the server's own lists. */
  readonly name?: string
  readonly connectTimeout?: Duration.Input
}

export interface Status {
  readonly connected: boolean
  /** Host and port of the server that we are, or were last, connected to. */
  readonly server: string
  /** How often the connection came back. */
  readonly reconnects: number
}

/** What the connection gives to `use`. */
export interface Clients {
  /** While it is not connected, what is published waits in memory: look at `status` first. */
  readonly core: Core
  readonly jetstream: JetStreamClient
  readonly manager: JetStreamManager
}

export class NatsConnection extends Context.Service<
  NatsConnection,
  Clients & {
    readonly prefix: string
    /** `subject("jobs", "ParsePages")` is `sheaf.jobs.ParsePages`. */
    readonly subject: (...tokens: ReadonlyArray<string>) => string
    /** `stream("jobs")` is `SHEAF_JOBS`. */
    readonly stream: (name: string) => string
    /** One call to the server. Fails at once while it is not connected, and within 5 seconds when the server does not answer. */
    readonly use: <A>(operation: string, call: (clients: Clients) => Promise<A>) => Effect.Effect<A, NatsError>
    readonly status: Effect.Effect<Status>
    /** The status now, and whenever it changes. */
    readonly changes: Stream.Stream<Status>
  }
>()("@sheaf/adapters/nats/NatsConnection") {}

const oldest = [2, 9] as const

const isTooOld = (version: string) => {
  const [major = 0, minor = 0] = version.split(".").map(Number)
  return major < oldest[0] || (major === oldest[0] && minor < oldest[1])
}

/** Within this time the server takes what was published before the process ends. */
const drainTime = Duration.seconds(2)

/** Sends what waits and closes. A connection that is down has nobody to send it to. */
const close = (core: Core, status: SubscriptionRef.SubscriptionRef<Status>) =>
  Effect.suspend(() =>
    SubscriptionRef.getUnsafe(status).connected && !core.isClosed()
      ? Effect.tryPromise(() => core.drain())
      : Effect.void
  ).pipe(
    Effect.timeout(drainTime),
    Effect.andThen(Effect.tryPromise(() => core.close())),
    Effect.ignore
  )

const make = Effect.fn("NatsConnection.make")(function*(options: Options) {
  const { dial, hosts, prefix } = yield* connectionOptions(options)
  const unusable = (error: unknown) => new NatsUnusable({ servers: hosts, reason: reasonOf(error) })
  const status = yield* SubscriptionRef.make<Status>({ connected: true, server: hosts, reconnects: 0 })

  const core = yield* Effect.acquireRelease(
    Effect.tryPromise({ try: () => connect(dial), catch: unusable }),
    (open) => close(open, status)
  )
  const version = core.info?.version ?? "of unknown version"
  if (isTooOld(version)) {
    return yield* unusable(`it is nats-server ${version}, and ${oldest.join(".")} is the oldest that will do`)
  }
  const client = jetstream(core, { timeout: 5_000 })
  const manager = yield* Effect.tryPromise({
    try: () => client.jetstreamManager(),
    catch: (error) =>
      unusable(
        error instanceof Error && error.name === "JetStreamNotEnabled" || core.info?.jetstream !== true
          ? "JetStream is not enabled: start it with -js, or write jetstream {} into its configuration (and for the account of this user)"
          : error
      )
  })
  yield* SubscriptionRef.update(status, (now) => ({ ...now, server: core.getServer() }))

  // The client says what happens to it as long as it lives.
  const events = yield* Queue.unbounded<"disconnect" | "reconnect">()
  const watch = async () => {
    for await (const { type } of core.status()) {
      if (type === "disconnect" || type === "reconnect") Queue.offerUnsafe(events, type)
    }
  }
  yield* Effect.forkScoped(Effect.promise(watch))
  const note = Effect.fnUntraced(function*(event: "disconnect" | "reconnect") {
    const now = yield* SubscriptionRef.get(status)
    if (event === "reconnect") {
      const server = core.getServer()
      yield* SubscriptionRef.set(status, { connected: true, server, reconnects: now.reconnects + 1 })
      yield* Effect.logInfo(`connected to NATS at ${server} again`)
    } else if (now.connected) {
      yield* SubscriptionRef.set(status, { ...now, connected: false })
      yield* Effect.logWarning(`lost NATS at ${now.server}`)
    }
  })
  yield* Queue.take(events).pipe(Effect.flatMap(note), Effect.forever, Effect.forkScoped)

  const clients: Clients = { core, jetstream: client, manager }
  return NatsConnection.of({
    ...clients,
    prefix,
    subject: (...tokens) => [prefix, ...tokens].join("."),
    stream: (name) => `${prefix}_${name}`.toUpperCase(),
    use: (operation, call) =>
      Effect.suspend(() => {
        const failed = (cause: unknown) =>
          new NatsError({ operation, code: cause instanceof JetStreamApiError ? cause.code : null, cause })
        return SubscriptionRef.getUnsafe(status).connected
          ? Effect.tryPromise({ try: () => call(clients), catch: failed })
          : Effect.fail(failed(new Error("not connected to NATS")))
      }),
    status: SubscriptionRef.get(status),
    changes: SubscriptionRef.changes(status)
  })
})

export const layer = (options: Options): Layer.Layer<NatsConnection, NatsUnusable> =>
  Layer.effect(NatsConnection, make(options))
