import { assert, it } from "@effect/vitest"
import { Control } from "@sheaf/adapters/lifecycle/Control"
import { transact } from "@sheaf/adapters/repos/rows"
import { SegmentsRepo } from "@sheaf/adapters/repos/segments/SegmentsRepo"
import type { Caller } from "@sheaf/domain/edge/Caller"
import type { DocumentId } from "@sheaf/domain/ids"
import { Documents } from "@sheaf/server/documents/Documents"
import { Previews } from "@sheaf/server/documents/Previews"
import { Effect, Layer } from "effect"
import { SqlClient } from "effect/sql"
import { makeTenant, some } from "../repos/world.ts"
import { Faults, ingest, layer as pipeline, makeDataset, until } from "../support/Pipeline.ts"

const layer = Previews.layer.pipe(Layer.provide(Documents.layer), Layer.provideMerge(pipeline))

const handbook = Array.from(
  { length: 12 },
  (_, index) =>
    `## Part ${index}\n\nStep the mast with ${index} people. Nobody lets go of shroud ${index} before it is fast.`
).join("\n\n")

const published = Effect.fnUntraced(function*(caller: Caller, documentId: DocumentId) {
  const segments = yield* SegmentsRepo
  const { items } = some(yield* segments.list(caller, { documentId, limit: 100 }))
  return items.map(({ headingPath, text, tokens }) => ({ headingPath, text, tokens }))
})

const families = { chunking: { method: "parent-child", maxTokens: 32, parentMaxTokens: 64 } } as const

it.layer(layer, { timeout: "60 seconds" })("previews", (it) => {
  it.effect("show what a run with the settings then gives, and store nothing", () =>
    Effect.gen(function*() {
      const control = yield* Control
      const faults = yield* Faults
      const previews = yield* Previews
      const sql = yield* SqlClient.SqlClient
      const { caller } = yield* makeTenant
      const by = { tenantId: caller.tenantId, actor: caller.actor }
      const { documentId } = yield* ingest(caller, yield* makeDataset(caller), { name: "h.md", bytes: handbook })
      const before = yield* until(caller, documentId)
      const { embedded } = faults

      const as = yield* previews.document(caller, { documentId, limit: 50 })
      assert.deepStrictEqual(
        as.segments.map(({ headingPath, text, tokens }) => ({ headingPath, text, tokens })),
        yield* published(caller, documentId)
      )
      assert.deepInclude(as, { runId: before.run!.id, more: false, warnings: [] })

      const some = yield* previews.document(caller, { documentId, limit: 3, settings: families })
      assert.deepStrictEqual([some.segments.length, some.more], [3, true])
      const all = yield* previews.document(caller, { documentId, limit: 50, settings: families })
      assert.deepStrictEqual(all.segments.slice(0, 3), some.segments)
      assert.deepInclude(all.values.find(({ name }) => name === "chunking.method"), {
        value: "parent-child",
        origin: "run"
      })
      assert.strictEqual(all.segments[0]!.family, "parent")
      assert.deepStrictEqual(yield* until(caller, documentId), before)
      assert.strictEqual(faults.embedded, embedded)

      yield* transact(sql)(control.run(by, { documentId, settings: families }))
      assert.deepInclude(yield* until(caller, documentId), { status: "available" })
      const now = yield* published(caller, documentId)
      assert.deepStrictEqual(
        all.segments.map(({ headingPath, text, tokens }) => ({ headingPath, text, tokens })),
        now.slice(0, all.segments.length)
      )
      assert.lengthOf(now, all.segments.length)
    }))

  it.effect("say what only a run can show, and which settings cannot be", () =>
    Effect.gen(function*() {
      const previews = yield* Previews
      const { caller } = yield* makeTenant
      const datasetId = yield* makeDataset(caller)
      const { documentId } = yield* ingest(caller, datasetId, { name: "h.md", bytes: handbook })
      yield* until(caller, documentId)
      const refused = (settings: Parameters<typeof previews.document>[1]["settings"] & object) =>
        Effect.flip(previews.document(caller, { documentId, settings }))
      assert.deepInclude(yield* refused({ parsing: { markup: "plain" } }), {
        _tag: "CannotPreview",
        obstacle: "otherParsing"
      })
      assert.isNotEmpty(
        (yield* previews.document(caller, { documentId, settings: { parsing: { tablePictures: false } } }))
          .segments
      )
      assert.deepInclude(yield* refused({ chunking: { maxTokens: 9_000 } }), { _tag: "BadRequest" })
      assert.deepInclude(yield* refused({ chunking: { method: "whole", overlap: 3 } }), { _tag: "BadRequest" })

      const broken = yield* ingest(caller, datasetId, { name: "b.pdf", bytes: "%PDF-1.7\nnothing of it is there" })
      yield* until(caller, broken.documentId)
      assert.deepInclude(yield* Effect.flip(previews.document(caller, broken)), {
        _tag: "CannotPreview",
        obstacle: "notParsed"
      })
      const { caller: stranger } = yield* makeTenant
      assert.deepInclude(yield* Effect.flip(previews.document(stranger, { documentId })), { _tag: "DocumentNotFound" })
    }))

  it.effect("of a text that is sent are what becomes of it as a document", () =>
    Effect.gen(function*() {
      const previews = yield* Previews
      const { caller } = yield* makeTenant
      const datasetId = yield* makeDataset(caller)
      const { documentId } = yield* ingest(caller, datasetId, { name: "h.txt", bytes: handbook })
      yield* until(caller, documentId)
      const now = yield* published(caller, documentId)
      const { segments, more } = yield* previews.text(caller, { datasetId, text: handbook, limit: 50 })
      assert.deepStrictEqual(segments.map(({ headingPath, text, tokens }) => ({ headingPath, text, tokens })), now)
      assert.isFalse(more)
      const first = yield* previews.text(caller, { datasetId, text: handbook, limit: 1, settings: families })
      assert.isTrue(first.more)
      assert.strictEqual(first.segments[0]?.family, "parent")
      assert.deepStrictEqual((yield* previews.text(caller, { datasetId, text: " \n " })).segments, [])
      const { caller: stranger } = yield* makeTenant
      assert.deepInclude(yield* Effect.flip(previews.text(stranger, { datasetId, text: handbook })), {
        _tag: "DatasetNotFound"
      })
    }))
})
