import { Effect, Redacted, type Scope } from "effect"
import { randomBytes } from "node:crypto"
import * as Fs from "node:fs"
import * as Path from "node:path"
import { fileURLToPath } from "node:url"
import * as AzuriteServer from "../backends/AzuriteServer.ts"
import { freePort } from "../freePort.ts"
import * as NatsServer from "../backends/NatsServer.ts"
import * as PostgresServer from "../backends/PostgresServer.ts"
import * as Service from "./Service.ts"
import { temporaryFolder } from "../temporaryFolder.ts"

// The production profile on one machine, each part a process of its own that can be killed, stopped and started again: PostgreSQL,
// nats-server, Azurite, the doubles of Typesense and of a GPU worker, an API and workers.

/** What happens to a part of the installation. */
export interface Part {
  readonly name: string
  /** Takes it away without a chance to say goodbye, whatever it was doing. */
  readonly kill: Effect.Effect<void>
  /** Brings it back, on its old address and with what it had stored; ready when this completes. */
  readonly start: Effect.Effect<void, { readonly message: string }>
}

export interface Production {
  /** Of the API. */
  readonly url: string
  /** An operator's key of the tenant `default`. */
  readonly key: string
  /** What every process of Sheaf is started with. */
  readonly env: Readonly<Record<string, string>>
  readonly databaseUrl: Redacted.Redacted
  readonly natsUrl: string
  readonly blobs: { readonly connectionString: Redacted.Redacted; readonly container: string }
  readonly search: { readonly url: string; readonly apiKey: string }
  readonly embedder: { readonly url: string }
  readonly parts: {
    readonly database: Part & { readonly stop: Effect.Effect<void> }
    readonly nats: Part
    readonly blobs: Part
    readonly search: Part
    readonly embedder: Part
  }
  readonly api: Service.Service
  readonly workers: ReadonlyArray<Service.Service>
}

export interface Options {
  readonly workers?: number
  /** Milliseconds that the double of the GPU worker takes for a batch; default 20. */
  readonly batchMs?: number
  /** Texts that it takes in a batch. */
  readonly batchItems?: number
  /** Batches that it works on at once. */
  readonly batchesAtOnce?: number
  /** Further settings of Sheaf's processes. */
  readonly env?: Readonly<Record<string, string>>
  /** Told what has been started. */
  readonly onProgress?: (part: string) => Effect.Effect<void>
}

const cli = fileURLToPath(new URL("../../../packages/cli/src/main.ts", import.meta.url))
const program = (name: string) => fileURLToPath(new URL(`../programs/${name}`, import.meta.url))

const partOf = (service: Service.Service): Part => ({
  name: service.name,
  kill: service.end("SIGKILL"),
  start: service.start
})

/** Starts everything on free ports of the loopback interface and in temporary folders; all of it is gone with the scope. */
export const start = Effect.fn("Production.start")(function*(options: Options = {}): Effect.fn.Return<
  Production,
  Error,
  Scope.Scope
> {
  const told = options.onProgress ?? (() => Effect.void)
  const home = yield* temporaryFolder("production")
  const folder = (name: string) => {
    const path = Path.join(home, name)
    Fs.mkdirSync(path)
    return path
  }
  const path = { PATH: `${Path.dirname(process.execPath)}:/usr/bin:/bin` }

  const cluster = folder("cluster")
  const apiKey = randomBytes(16).toString("hex")
  const double = Effect.fnUntraced(function*(name: string, file: string, args: ReadonlyArray<string>, probe: string) {
    const port = yield* freePort
    const url = `http://127.0.0.1:${port}`
    const service = yield* Service.make({
      name,
      command: [process.execPath, program(file), `--port=${port}`, ...args],
      env: path,
      cwd: home,
      isReady: () => Service.answers(`${url}${probe}`)
    })
    return { service, url }
  })
  const after = <A, E, R>(what: string, effect: Effect.Effect<A, E, R>) => Effect.tap(effect, () => told(what))
  const [postgres, nats, azurite, search, embedder] = yield* Effect.all([
    after("PostgreSQL", PostgresServer.initialise(cluster).pipe(Effect.andThen(PostgresServer.start(cluster)))),
    after("nats-server", NatsServer.start()),
    after("Azurite", AzuriteServer.start),
    after(
      "Typesense (a double)",
      double("search engine", "typesense.ts", [`--data=${folder("typesense")}`, `--key=${apiKey}`], "/health")
    ),
    after(
      "Text Embeddings Inference (a double)",
      double("embedder", "gpu.ts", [
        `--latency=${options.batchMs ?? 20}`,
        `--max-items=${options.batchItems ?? 32}`,
        `--parallel=${options.batchesAtOnce ?? 4}`
      ], "/info")
    )
  ], { concurrency: "unbounded" })

  const databaseUrl = postgres.url("postgres")
  const container = "sheaf"
  const env = {
    ...path,
    HOME: home,
    DATABASE_URL: Redacted.value(databaseUrl),
    NATS_URL: nats.url,
    AZURE_STORAGE_CONNECTION_STRING: Redacted.value(azurite.connectionString),
    SHEAF_BLOB_CONTAINER: container,
    TYPESENSE_URL: search.url,
    TYPESENSE_API_KEY: apiKey,
    SHEAF_EMBEDDER_URL: embedder.url,
    SHEAF_EMBEDDER_PROTOCOL: "tei",
    ...options.env
  }
  const sheaf = (name: string, args: ReadonlyArray<string>, isReady: Service.Options["isReady"]) =>
    Service.make({
      name,
      command: [process.execPath, cli, ...args],
      env: { ...env, SHEAF_HOME: folder(name.replaceAll(" ", "-")) },
      cwd: home,
      isReady
    })

  yield* Service.run({ name: "sheaf migrate", command: [process.execPath, cli, "migrate"], env, cwd: home })
  const port = yield* freePort
  const url = `http://127.0.0.1:${port}`
  const api = yield* sheaf("api", ["api", "--port", `${port}`], () => Service.answers(`${url}/health/ready`))
  yield* told("sheaf api")
  const workers = yield* Effect.forEach(
    Array.from({ length: options.workers ?? 2 }, (_, at) => `worker ${at + 1}`),
    (name) => sheaf(name, ["worker"], async (log) => log.includes("working")),
    { concurrency: "unbounded" }
  )
  yield* told(`${workers.length} × sheaf worker`)

  return {
    url,
    key: Fs.readFileSync(Path.join(home, "api", "credentials"), "utf8").trim(),
    env,
    databaseUrl,
    natsUrl: nats.url,
    blobs: { connectionString: azurite.connectionString, container },
    search: { url: search.url, apiKey },
    embedder: { url: embedder.url },
    parts: {
      database: { name: "PostgreSQL", kill: postgres.crash, start: postgres.restart, stop: postgres.stop },
      nats: { name: "nats-server", kill: nats.kill, start: nats.restart },
      blobs: { name: "Azurite", kill: azurite.stop, start: azurite.start },
      search: partOf(search.service),
      embedder: partOf(embedder.service)
    },
    api,
    workers
  }
})
