import { NodeRuntime } from "@effect/platform-node"
import * as Adapters from "@sheaf/adapters/Adapters"
import { embedded, type Settings } from "@sheaf/adapters/settings"
import { readKey } from "@sheaf/cli/home/credentials"
import * as AllInOne from "@sheaf/cli/session/allInOne"
import { Listening } from "@sheaf/cli/session/Listening"
import { Config, Effect, Layer, Option, Redacted } from "effect"
import * as CachedEmbedder from "./cachedEmbedder.ts"
import * as InstantEmbedder from "./instantEmbedder.ts"
import { measureLoop, type Said } from "./loopDelay.ts"

// `server.ts HOME bundled|instant|cached [CACHE] [database|typesense]`: the all-in-one process, whose event loop can be measured. The
// environment says which Typesense, and where Notion's API is.
const [home = "", embedder = "bundled", cache = "", engine = "database"] = process.argv.slice(2)

const typesense = Config.all({
  _tag: Config.succeed("Typesense" as const),
  urls: Config.map(Config.URL("TYPESENSE_URL"), (url) => [url]),
  apiKey: Config.Redacted("TYPESENSE_API_KEY"),
  collectionPrefix: Config.String("TYPESENSE_COLLECTION_PREFIX")
})

const notion = Effect.runSync(Config.option(Config.URL("NOTION_URL")))
const plain = embedded(home)
const settings: Settings = {
  ...plain,
  ...(engine === "typesense" && { search: Effect.runSync(typesense) }),
  ...(Option.isSome(notion) && { notion: { ...plain.notion, url: notion.value, callsPerSecond: 100 } })
}

const bundled = Adapters.layer(settings)
const adapters = {
  bundled,
  instant: Layer.provideMerge(InstantEmbedder.layer, bundled),
  cached: Layer.provideMerge(CachedEmbedder.layer(cache), bundled)
}[embedder]

const main = Effect.gen(function*() {
  const { url } = yield* Listening
  const key = yield* readKey(home)
  measureLoop()
  process.send?.({ ready: { url, key: Redacted.value(key) } } satisfies Said)
  return yield* Effect.never
}).pipe(
  Effect.provide(
    AllInOne.layer({
      settings,
      host: "127.0.0.1",
      port: 0,
      corsOrigins: [],
      ...(adapters !== undefined && { adapters })
    })
  )
)

NodeRuntime.runMain(main)
