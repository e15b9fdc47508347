import { assert, it } from "@effect/vitest"
import { BadRequest, Empty, OperationNotFound, OperationOver, StateConflict } from "@sheaf/sdk/index"
import { Effect, Schedule } from "effect"
import { Faults } from "../support/Pipeline.ts"
import { AllInOne } from "./support/AllInOne.ts"
import { client, rejection } from "./support/client.ts"

const text = Array.from(
  { length: 8 },
  (_, index) =>
    `## Part ${index}\n\nLanterns of kind ${index} hang from beam ${index}, and nobody lights them before dusk.`
).join("\n\n")

it.layer(AllInOne.layer, { timeout: "2 minutes", excludeTestServices: true })("control through the SDK", (it) => {
  it.effect(
    "pauses, puts into another lane, resumes and cancels, and says what is allowed instead",
    () =>
      Effect.gen(function*() {
        const { keys, url } = yield* AllInOne
        const faults = yield* Faults
        const sheaf = yield* client({ url, key: keys.write })
        faults.embedderHangs = true
        const documentId = yield* Effect.promise(async () => {
          const dataset = await sheaf.datasets.ensure("control")
          return (await sheaf.documents.ingest({ text }, { dataset, name: "a.md" })).id
        })
        const hangs = (count: number) =>
          Effect.sync(() => faults.hanging).pipe(
            Effect.repeat({ until: (hanging) => hanging === count, schedule: Schedule.spaced("10 millis") })
          )
        yield* hangs(1)
        const paused = yield* Effect.promise(() => sheaf.documents.pause(documentId))
        assert.isTrue(paused.paused)
        yield* Effect.timeout(hangs(0), "1 second")
        const refused = yield* rejection(() => sheaf.documents.pause(documentId))
        assert.instanceOf(refused, StateConflict)
        assert.deepStrictEqual([refused.status, refused.allowed], ["paused", ["resume", "cancel", "prioritise"]])
        assert.include(refused.message, "resume, cancel, prioritise")
        faults.embedderHangs = false
        yield* Effect.promise(async () => {
          await sheaf.documents.prioritise(documentId, "bulk")
          assert.strictEqual((await sheaf.documents.get(documentId)).status, "paused")
          const [run] = (await sheaf.documents.runs(documentId)).items
          assert.match(run!.message, /^Paused/)
          await sheaf.documents.resume(documentId)
          assert.strictEqual((await sheaf.documents.done(documentId)).status, "available")
        })
        const over = yield* rejection(() => sheaf.documents.cancel(documentId))
        assert.instanceOf(over, StateConflict)
        assert.deepStrictEqual(over.allowed, ["retry", "run"])
      }),
    90_000
  )

  it.effect(
    "runs with other settings that the document keeps, and says where each came from",
    () =>
      Effect.gen(function*() {
        const { keys, url } = yield* AllInOne
        const sheaf = yield* client({ url, key: keys.write })
        const documentId = yield* Effect.promise(async () => {
          const dataset = await sheaf.datasets.ensure("settings", { chunking: { method: "general", maxTokens: 300 } })
          const document = await sheaf.documents.ingest({ text }, { dataset, name: "b.md" }).done()
          const run = await sheaf.documents.run(document.id, {
            settings: { chunking: { maxTokens: 32, softMaxTokens: 24, combineUnder: 0 } }
          })
          const after = await sheaf.documents.done(document.id)
          assert.strictEqual(after.publishedRunId, run.id)
          assert.isAbove(after.segments, document.segments)
          return document.id
        })
        const originsOf = (
          values: ReadonlyArray<{ readonly name: string; readonly value: unknown; readonly origin: string }>
        ) => Object.fromEntries(values.map(({ name, origin, value }) => [name, [value, origin]]))
        yield* Effect.promise(async () => {
          const { newest, values } = await sheaf.documents.settings(documentId)
          assert.deepInclude(originsOf(values), {
            "chunking.method": ["general", "dataset"],
            "chunking.maxTokens": [32, "document"],
            "chunking.overlap": [0, "default"]
          })
          assert.deepInclude(originsOf(newest!.values), { "chunking.maxTokens": [32, "document"] })
          // Taken back, and another value for this run alone.
          await sheaf.documents.run(documentId, { settings: { chunking: { maxTokens: null } } })
          await sheaf.documents.done(documentId)
          await sheaf.documents.run(documentId, { settings: { chunking: { overlap: 5 } }, keep: false, lane: "bulk" })
          await sheaf.documents.done(documentId)
          const later = await sheaf.documents.settings(documentId)
          assert.deepInclude(originsOf(later.values), {
            "chunking.maxTokens": [300, "dataset"],
            "chunking.overlap": [0, "default"]
          })
          assert.deepInclude(originsOf(later.newest!.values), { "chunking.overlap": [5, "run"] })
          const runs = await sheaf.documents.runs(documentId, { limit: 2 }).toArray({ limit: 10 })
          assert.deepStrictEqual(runs.map(({ begunBy }) => begunBy?.why), ["run", "run", "run", "accepted"])
        })
        const wrong = yield* rejection(() =>
          sheaf.documents.run(documentId, { settings: { chunking: { maxTokens: 9_000 } } })
        )
        assert.instanceOf(wrong, BadRequest)
        assert.include(wrong.message, "settings.chunking.maxTokens is a whole number from 16 to 8192, and not 9000")
        assert.strictEqual((yield* Effect.promise(() => sheaf.documents.get(documentId))).status, "available")
      }),
    90_000
  )

  it.effect(
    "builds a document whose run had failed or was cancelled when the same bytes are sent again",
    () =>
      Effect.gen(function*() {
        const { keys, url } = yield* AllInOne
        const faults = yield* Faults
        const sheaf = yield* client({ url, key: keys.write })
        const send = (source: Uint8Array | { readonly text: string }) =>
          Effect.promise(() => sheaf.documents.ingest(source, { dataset: "again", name: "a.md" }))
        yield* Effect.promise(() => sheaf.datasets.ensure("again"))

        faults.embedderHangs = true
        const first = yield* send({ text })
        yield* Effect.promise(() => sheaf.documents.cancel(first.id))
        faults.embedderHangs = false
        const second = yield* send({ text })
        assert.deepStrictEqual([second.id, second.reused, second.runId === first.runId], [first.id, true, false])
        assert.strictEqual((yield* Effect.promise(() => second.done())).status, "available")
        const third = yield* send({ text })
        assert.deepStrictEqual([third.id, third.runId], [first.id, second.runId])

        const empty = yield* send(new Uint8Array())
        assert.instanceOf(yield* rejection(() => empty.done()), Empty)
        const again = yield* send(new Uint8Array())
        assert.deepStrictEqual([again.id, again.runId === empty.runId], [empty.id, false])
        assert.instanceOf(yield* rejection(() => again.done()), Empty)
        const runs = yield* Effect.promise(() => sheaf.documents.runs(empty.id).toArray({ limit: 5 }))
        assert.deepStrictEqual(runs.map(({ message }) => message), [
          "Failed: There is nothing in it.",
          "Failed: There is nothing in it."
        ])
      }),
    90_000
  )

  it.effect("does the same to many documents, and tells what became of each", () =>
    Effect.gen(function*() {
      const { keys, url } = yield* AllInOne
      const sheaf = yield* client({ url, key: keys.write })
      const stranger = yield* client({ url, key: keys.read })
      const operation = yield* Effect.promise(async () => {
        const dataset = await sheaf.datasets.ensure("many")
        const documents = await Promise.all([1, 2, 3].map((n) =>
          sheaf.documents.ingest({ text: `Number ${n} of the lanterns.` }, { dataset, name: `${n}.md` }).done()
        ))
        const seen: Array<string> = []
        const operation = await sheaf.documents.bulk({ _tag: "Retry" }, { dataset, filter: { name: ".MD" } }).finished({
          onProgress: ({ state }) =>
            seen.push(state)
        })
        assert.strictEqual(seen.at(-1), "finished")
        assert.deepInclude(operation, { state: "finished", total: 3, done: 3, skipped: 0, failed: 0 })
        for (const { id } of documents) assert.strictEqual((await sheaf.documents.done(id)).run?.number, 2)

        const mixed = await sheaf.documents.bulk({ _tag: "Cancel" }, {
          documents: [documents[0]!.id, "01980000-0000-7000-8000-000000000000"]
        }).finished()
        assert.deepInclude(mixed, { total: 2, skipped: 1, failed: 1 })
        const items = await sheaf.operations.items(mixed.id).toArray({ limit: 10 })
        assert.deepStrictEqual(items.map(({ error, state }) => [state, error?.tag]).sort(), [
          ["failed", "DocumentNotFound"],
          ["skipped", "StateConflict"]
        ])
        const ids = (await sheaf.operations.list().toArray({ limit: 10 })).map(({ id }) => id)
        assert.deepStrictEqual(ids, [mixed.id, operation.id])
        return operation
      })
      const over = yield* rejection(() => sheaf.operations.cancel(operation.id))
      assert.instanceOf(over, OperationOver)
      const hidden = yield* rejection(() => stranger.operations.get(operation.id))
      assert.instanceOf(hidden, OperationNotFound)
    }), 90_000)
})
