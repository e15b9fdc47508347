import { assert, it } from "@effect/vitest"
import * as Adapters from "@sheaf/adapters/Adapters"
import * as Bundled from "@sheaf/adapters/embedding/bundled"
import { embedders } from "@sheaf/adapters/embedding/Embedders"
import { Health } from "@sheaf/adapters/health/Health"
import { read } from "@sheaf/adapters/settings"
import { ConfigProvider, Effect, Option } from "effect"
import * as GpuServer from "../support/gpu/GpuServer.ts"
import { temporaryFolder } from "../support/temporaryFolder.ts"
import { patience, really } from "./world.ts"

it.effect("a process has the embedder of before beside its own, and looks after both", () =>
  Effect.gen(function*() {
    const { url } = yield* GpuServer.start()
    const env = {
      SHEAF_HOME: yield* temporaryFolder("configured"),
      SHEAF_EMBEDDER_URL: String(url),
      SHEAF_EMBEDDER_PREVIOUS: "bundled"
    }
    const { settings } = yield* Effect.provideService(
      read(),
      ConfigProvider.ConfigProvider,
      ConfigProvider.fromEnv({ env })
    )
    yield* Effect.gen(function*() {
      const { all, find, own } = yield* embedders
      assert.strictEqual(own.space.provider, "text-embeddings-inference")
      assert.deepStrictEqual(all.map(({ space }) => space.dimension), [own.space.dimension, Bundled.space.dimension])
      const [vector] = yield* Effect.flatMap(
        Effect.fromOption(find(Bundled.space.id)),
        (previous) => previous.embedDocuments(["a dog by the fire"])
      )
      assert.lengthOf(vector!, Bundled.space.dimension)
      assert.isTrue(Option.isNone(find("00000000000000aa" as never)))
      const { parts } = yield* Effect.flatMap(Health, (health) => health.report)
      assert.deepInclude(parts.find(({ name }) => name === "previousEmbedder"), { ok: true, active: "bundled model" })
    }).pipe(Effect.provide(Adapters.layer(settings, "api")))
  }).pipe(really), patience)
