import { assert, describe, it } from "@effect/vitest"
import { Sheaf } from "@sheaf/sdk/effect"
import { type BatchItem, DocumentCancelled, SourceUnreadable } from "@sheaf/sdk/index"
import { ConfigProvider, Effect, Layer, Stream } from "effect"
import { client, collect } from "./support/client.ts"
import { makeLibrary } from "./support/library.ts"
import { datasetId, document, documentId, progress } from "./support/samples.ts"
import { serve } from "./support/ScriptedServer.ts"

/** A program with a client of a scripted server. */
const withSheaf = <A, E>(script: Parameters<typeof serve>[0], program: Effect.Effect<A, E, Sheaf>) =>
  Effect.flatMap(serve(script), ({ url }) => Effect.provide(program, Sheaf.layer({ url, key: "shf_test" })))

describe("the Effect client", () => {
  it.live("ingests, watches and searches", () =>
    withSheaf(
      makeLibrary(),
      Effect.gen(function*() {
        const sheaf = yield* Sheaf
        const dataset = yield* sheaf.datasets.ensure("manuals")
        const accepted = yield* sheaf.documents.ingest({ text: "Descale the kettle." }, { dataset })
        const looks = yield* Stream.runCollect(accepted.progress())
        assert.strictEqual(looks.at(-1)?.state, "published")
        assert.strictEqual((yield* accepted.done()).id, documentId)
        const { hits } = yield* sheaf.search({ text: "kettle", datasets: [dataset] })
        assert.strictEqual(hits[0]?.text, "Descale the kettle.")
        const names = yield* Stream.runCollect(Stream.map(sheaf.documents.all({ dataset }), ({ name }) => name))
        assert.deepStrictEqual(names, ["a", "b"])
      })
    ))

  it.live("has every error in its type", () =>
    withSheaf(
      makeLibrary(),
      Effect.gen(function*() {
        const sheaf = yield* Sheaf
        const hint = yield* sheaf.datasets.get("nothing").pipe(
          Effect.as("found"),
          Effect.catchTag("DatasetNameUnknown", (error) => Effect.succeed(error.hint))
        )
        assert.include(hint, "datasets.ensure")
      })
    ))

  it.live("reads its address and key from the configuration", () =>
    Effect.gen(function*() {
      const { url } = yield* serve(makeLibrary())
      const configured = ConfigProvider.layer(ConfigProvider.fromUnknown({ SHEAF_URL: url, SHEAF_KEY: "shf_test" }))
      const info = yield* Effect.flatMap(Sheaf, (sheaf) => sheaf.info()).pipe(
        Effect.provide(Layer.provide(Sheaf.layerConfig(), configured))
      )
      assert.strictEqual(info.version, "0.1.0")
    }))

  it.live("is one client for each layer", () =>
    Effect.gen(function*() {
      const one = yield* serve(makeLibrary())
      const other = yield* serve(makeLibrary())
      const names = Effect.flatMap(Sheaf, (sheaf) => sheaf.datasets.list({ name: "mine" }))
      yield* Effect.flatMap(Sheaf, (sheaf) => sheaf.datasets.create({ name: "mine" })).pipe(
        Effect.andThen(Effect.map(names, (page) => assert.strictEqual(page.items.length, 1))),
        Effect.andThen(
          Effect.provide(
            Effect.map(names, (page) => assert.strictEqual(page.items.length, 0)),
            Sheaf.layer({ url: other.url, key: "shf_test" })
          )
        ),
        Effect.provide(Sheaf.layer({ url: one.url, key: "shf_test" }))
      )
    }))
})

describe("ingestAll", () => {
  const library = makeLibrary()
  let running = 0
  let most = 0
  const script = {
    ...library,
    handlers: {
      ...library.handlers,
      DocumentsIngestText: (
        ...args: Parameters<NonNullable<NonNullable<typeof library.handlers>["DocumentsIngestText"]>>
      ) =>
        Effect.acquireUseRelease(
          Effect.sync(() => {
            most = Math.max(most, ++running)
          }),
          () =>
            Effect.andThen(Effect.sleep(5), library.handlers!.DocumentsIngestText!(...args) as Effect.Effect<never>),
          () => Effect.sync(() => running--)
        ),
      DocumentsWatch: () => Stream.make(progress(1, "cancelled")),
      DocumentsGet: () => Effect.succeed(document())
    }
  }
  const items: ReadonlyArray<BatchItem> = [
    ...Array.from({ length: 20 }, (_, i) => ({ source: { text: `text ${i}` }, name: `${i}.txt` })),
    "/nowhere/at/all.pdf"
  ]

  it.live("gives a result for each, so many at a time", () =>
    Effect.gen(function*() {
      const { url } = yield* serve(script)
      const sheaf = yield* client({ url, key: "shf_test" })
      const results = yield* Effect.promise(() =>
        collect(sheaf.documents.ingestAll(items, { dataset: datasetId, concurrency: 3, wait: false }))
      )
      assert.strictEqual(results.length, items.length)
      assert.isAtMost(most, 3)
      assert.isAbove(most, 1)
      assert.strictEqual(new Set(results.map(({ item }) => item)).size, items.length)
      const failed = results.filter(({ ok }) => !ok)
      assert.deepStrictEqual(failed.map(({ item }) => item), ["/nowhere/at/all.pdf"])
      assert.instanceOf(failed.flatMap((result) => result.ok ? [] : [result.error])[0], SourceUnreadable)
    }))

  it.live("waits for each, stops taking when the reader has gone, and passes on the failure of the list", () =>
    Effect.gen(function*() {
      const { url } = yield* serve(script)
      const sheaf = yield* client({ url, key: "shf_test" })
      let taken = 0
      let closed = false
      const endless = async function*() {
        try {
          while (true) yield { text: `text ${taken++}` }
        } finally {
          closed = true
        }
      }
      const first = yield* Effect.promise(async () => {
        for await (const result of sheaf.documents.ingestAll(endless(), { dataset: datasetId, concurrency: 2 })) {
          return result
        }
        return undefined
      })
      assert.isTrue(first?.ok === false && first.error instanceof DocumentCancelled)
      assert.isTrue(closed)
      assert.isBelow(taken, 6)
      const broken = async function*(): AsyncGenerator<BatchItem> {
        throw new Error("the folder is gone")
      }
      const error = yield* Effect.promise(() =>
        collect(sheaf.documents.ingestAll(broken(), { dataset: datasetId })).then(
          () => undefined,
          (error: Error) => error
        )
      )
      assert.strictEqual(error?.message, "the folder is gone")
    }))
})
