import { Sheaf, type Source } from "@sheaf/sdk/effect"
import { Context, Effect, FileSystem, Layer, Redacted, Schema } from "effect"
import { timed } from "../framework/measure.ts"
import { onePagePdf } from "../inputs/pdf.ts"
import * as Program from "./Program.ts"
import type { TypesenseOptions } from "./typesense.ts"

const Ready = Schema.Struct({ url: Schema.String, key: Schema.String })

export interface ServerOptions {
  /** `instant` gives made vectors at once, in the space of the bundled model; a cache remembers those of earlier runs. */
  readonly embedder: "bundled" | "instant" | { readonly cache: string }
  /** The data folder; default a new one that is removed with the scope. */
  readonly home?: string
  /** Searches there instead of in the database. */
  readonly typesense?: TypesenseOptions
  /** Notion's API is there. */
  readonly notion?: URL
  /** For Node, such as `--cpu-prof`. */
  readonly flags?: ReadonlyArray<string>
  /** Of the client. */
  readonly fetch?: typeof globalThis.fetch
}

/** Sheaf as people run it, a process of its own on loopback, with a client of its SDK; stopped with the scope. */
export const start = Effect.fn("Server.start")(function*(options: ServerOptions) {
  const { embedder, fetch, flags = [], home, notion, typesense } = options
  const fs = yield* FileSystem.FileSystem
  const folder = home ?? (yield* fs.makeTempDirectoryScoped({ prefix: "sheaf-bench-" }))
  const [kind, cache] = typeof embedder === "string" ? [embedder, ""] : ["cached", embedder.cache]
  const engine = typesense === undefined ? "database" : "typesense"
  const settings = yield* environment([
    ...(typesense === undefined ? [] : [
      `TYPESENSE_URL=${typesense.url.href}`,
      `TYPESENSE_API_KEY=${Redacted.value(typesense.apiKey)}`,
      `TYPESENSE_COLLECTION_PREFIX=${typesense.collectionPrefix}`
    ]),
    ...(notion === undefined ? [] : [`NOTION_URL=${notion.href}`])
  ])
  const program = yield* Program.start("server.ts", [folder, kind, cache, engine], [...flags, `--env-file=${settings}`])
  const { key, url } = yield* Schema.decodeUnknownEffect(Ready)(program.ready)
  const services = yield* Layer.build(Sheaf.layer({ url, key, timeout: "2 minutes", fetch }))
  return { program, home: folder, url, sheaf: Context.get(services, Sheaf) }
})

/** A file that the program reads as its environment: arguments can be seen by everybody on the machine. */
const environment = Effect.fnUntraced(function*(lines: ReadonlyArray<string>) {
  const fs = yield* FileSystem.FileSystem
  const file = `${yield* fs.makeTempDirectoryScoped({ prefix: "sheaf-bench-" })}/environment`
  yield* fs.writeFileString(file, lines.join("\n"), { mode: 0o600 })
  return file
})

/** Ingests a source and waits until it can be found; how long both took together, and the run with the time of each stage. */
export const ingest = Effect.fn("Server.ingest")(function*(sheaf: Sheaf["Service"], source: Source, dataset: string) {
  const { ms, value: document } = yield* timed(
    sheaf.documents.ingest(source, { dataset, name: "bench.pdf" }).pipe(Effect.flatMap((accepted) => accepted.done()))
  )
  return { ms, document }
})

/** A new dataset, and a server that has done everything once: processes started, code compiled, files in the cache. */
export const warm = Effect.fn("Server.warm")(function*(options: ServerOptions) {
  const server = yield* start(options)
  const { id } = yield* server.sheaf.datasets.create({ name: "bench" })
  for (const seed of [9_001, 9_002, 9_003]) yield* ingest(server.sheaf, yield* onePagePdf(seed), id)
  yield* server.sheaf.search({ text: "pressure of the pump", datasets: [{ id }] })
  return { ...server, dataset: id }
})

export type Client = Sheaf["Service"]
