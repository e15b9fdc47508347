import { assert, it } from "@effect/vitest"
import { Control } from "@sheaf/adapters/lifecycle/Control"
import { Removal } from "@sheaf/adapters/lifecycle/Removal"
import { DocumentsRepo } from "@sheaf/adapters/repos/documents/DocumentsRepo"
import { transact } from "@sheaf/adapters/repos/rows"
import { SegmentsRepo } from "@sheaf/adapters/repos/segments/SegmentsRepo"
import { HistoryRepo } from "@sheaf/adapters/repos/runs/HistoryRepo"
import type { DocumentNotFound, StateConflict } from "@sheaf/domain/documents/errors"
import type { Caller } from "@sheaf/domain/edge/Caller"
import type { DocumentId } from "@sheaf/domain/ids"
import type { RunSettings } from "@sheaf/domain/runs/RunSettings"
import type { BadRequest } from "@sheaf/domain/edge/errors"
import type { PipelineNotFound } from "@sheaf/domain/pipelines/errors"
import { Clock, Effect, Option, Schedule } from "effect"
import { SqlClient } from "effect/sql"
import { PDFDocument, StandardFonts } from "pdf-lib"
import { makeTenant, some } from "../repos/world.ts"
import { Faults, ingest, layer, makeDataset, until } from "../support/Pipeline.ts"

const really = <A, E, R>(effect: Effect.Effect<A, E, R>) =>
  Effect.provideService(effect, Clock.Clock, Clock.Clock.defaultValue())

const handbook = Array.from(
  { length: 12 },
  (_, index) =>
    `## Part ${index}\n\nStep the mast with ${index} people. Nobody lets go of shroud ${index} before it is fast.`
).join("\n\n")

const pdf = async (...pages: ReadonlyArray<string>): Promise<Uint8Array> => {
  const document = await PDFDocument.create()
  const font = await document.embedFont(StandardFonts.Helvetica)
  for (const text of pages) document.addPage().drawText(text, { x: 50, y: 700, font, size: 12 })
  return document.save()
}

type Refused = DocumentNotFound | StateConflict | BadRequest | PipelineNotFound

/** One call of the rules, in a transaction of its own. */
const controlled = Effect.fnUntraced(function*<A, E extends Refused>(
  use: (control: Control["Service"]) => Effect.Effect<A, E>
) {
  return yield* transact(yield* SqlClient.SqlClient)(use(yield* Control))
})
const by = (caller: Caller) => ({ tenantId: caller.tenantId, actor: caller.actor })

/** A document whose text an embedder is at work on, and will be for ever. */
const hanging = Effect.fnUntraced(function*(caller: Caller, text: string) {
  const faults = yield* Faults
  faults.embedderHangs = true
  const accepted = yield* ingest(caller, yield* makeDataset(caller), { name: "f.txt", bytes: text })
  yield* hangs(1)
  return accepted
})

const hangs = Effect.fnUntraced(function*(count: number) {
  const faults = yield* Faults
  return yield* Effect.sync(() => faults.hanging).pipe(
    Effect.repeat({ until: (hanging) => hanging === count, schedule: Schedule.spaced("10 millis") }),
    really
  )
})
/** The promise: work that is stopped has stopped within a second. */
const stops = really(Effect.timeout(hangs(0), "1 second"))

/** Does nothing for as long as a worker would need to find work. */
const aWhile = really(Effect.sleep("400 millis"))

it.layer(layer, { timeout: "120 seconds" })("the runs of a document", (it) => {
  it.effect(
    "pausing stops what is at work within a second, without blame, until it is resumed",
    () =>
      Effect.gen(function*() {
        const faults = yield* Faults
        const sql = yield* SqlClient.SqlClient
        const { caller } = yield* makeTenant
        const { documentId, runId } = yield* hanging(caller, "The kettle is on the hob.")

        const paused = yield* controlled((control) => control.pause(by(caller), { documentId }))
        assert.isTrue(paused.paused)
        yield* stops
        faults.embedderHangs = false
        yield* aWhile
        assert.strictEqual((yield* until(caller, documentId, () => true)).status, "paused")
        assert.deepStrictEqual(
          yield* sql`select state, attempts, losses, lease_token from jobs where run_id = ${runId}`,
          [{ state: "paused", attempts: 0, losses: 0, leaseToken: null }]
        )
        const again = yield* Effect.flip(controlled((control) => control.pause(by(caller), { documentId })))
        assert.deepInclude(again, {
          _tag: "StateConflict",
          status: "paused",
          allowed: ["resume", "cancel", "prioritise"]
        })

        yield* controlled((control) => control.resume(by(caller), { documentId }))
        assert.strictEqual((yield* until(caller, documentId)).status, "available")
        const over = yield* Effect.flip(controlled((control) => control.resume(by(caller), { documentId })))
        assert.deepInclude(over, { _tag: "StateConflict", status: "available", allowed: ["retry", "run"] })
      }),
    90_000
  )

  it.effect("a paused run can be cancelled, and its document deleted", () =>
    Effect.gen(function*() {
      const documents = yield* DocumentsRepo
      const faults = yield* Faults
      const removal = yield* Removal
      const sql = yield* SqlClient.SqlClient
      const { caller, tenantId } = yield* makeTenant
      const first = yield* hanging(caller, "The lamp is lit.")
      yield* controlled((control) => control.pause(by(caller), first))
      yield* stops
      const cancelled = yield* controlled((control) => control.cancel(by(caller), first))
      assert.strictEqual(cancelled.state, "cancelled")
      assert.isFalse(cancelled.paused)

      const second = yield* hanging(caller, "The stove is cold.")
      yield* controlled((control) => control.pause(by(caller), second))
      faults.embedderHangs = false
      yield* transact(sql)(removal.document(by(caller), second.documentId))
      assert.isTrue(Option.isNone(yield* documents.find(caller, second.documentId)))
      yield* documents.exists(tenantId, second.documentId).pipe(
        Effect.repeat({ until: (isThere) => !isThere, schedule: Schedule.spaced("50 millis") }),
        really
      )
    }), 90_000)

  it.effect(
    "a run that is paused between two of its jobs owes the next one, and does not do it",
    () =>
      Effect.gen(function*() {
        const faults = yield* Faults
        const { caller } = yield* makeTenant
        const datasetId = yield* makeDataset(caller)
        faults.embedderDown = true
        const { documentId } = yield* ingest(caller, datasetId, { name: "f.txt", bytes: "The gate is shut." })
        yield* until(caller, documentId, ({ status }) => status === "waiting")
        const { waitingFor } = yield* controlled((control) => control.pause(by(caller), { documentId }))
        assert.isNull(waitingFor)
        faults.embedderDown = false
        yield* aWhile
        assert.strictEqual((yield* until(caller, documentId, () => true)).status, "paused")
        yield* controlled((control) => control.resume(by(caller), { documentId }))
        assert.strictEqual((yield* until(caller, documentId)).status, "available")
      }),
    90_000
  )

  it.effect(
    "a re-run with another chunk size parses nothing; one with the same settings embeds nothing either",
    () =>
      Effect.gen(function*() {
        const faults = yield* Faults
        const { caller } = yield* makeTenant
        const datasetId = yield* makeDataset(caller, { method: "general", maxTokens: 400, combineUnder: 0 })
        const { documentId } = yield* ingest(caller, datasetId, { name: "h.md", bytes: handbook })
        const before = yield* until(caller, documentId)
        const { embedded, parsed } = faults

        yield* controlled((control) =>
          control.run(by(caller), { documentId, settings: { chunking: { maxTokens: 32, softMaxTokens: 24 } } })
        )
        const after = yield* until(caller, documentId)
        assert.strictEqual(faults.parsed, parsed)
        assert.isAbove(after.segments, before.segments)
        assert.isAbove(faults.embedded, embedded)

        const once = faults.embedded
        const third = yield* controlled((control) => control.run(by(caller), { documentId }))
        const same = yield* until(caller, documentId)
        assert.deepInclude(same, { status: "available", segments: after.segments })
        assert.strictEqual(same.publishedRunId, third.id)
        assert.deepStrictEqual([faults.parsed, faults.embedded], [parsed, once])

        yield* controlled((control) => control.retry(by(caller), { documentId, units: "all" }))
        yield* until(caller, documentId)
        assert.deepStrictEqual([faults.parsed, faults.embedded], [parsed + 1, once])
        yield* controlled((control) => control.retry(by(caller), { documentId }))
        yield* until(caller, documentId)
        assert.deepStrictEqual([faults.parsed, faults.embedded], [parsed + 1, once])

        const history = yield* HistoryRepo
        const { items, next } = some(yield* history.list(caller.tenantId, { documentId, limit: 4 }))
        assert.deepStrictEqual(items.map(({ begunBy }) => begunBy?.why), ["retry", "retry", "run", "run"])
        assert.deepStrictEqual(items.map(({ message }) => message), Array.from(items, () => "Published"))
        const rest = some(yield* history.list(caller.tenantId, { documentId, limit: 4, cursor: next! }))
        assert.deepStrictEqual(rest.items.map(({ number }) => number), [1])
      }),
    90_000
  )

  it.effect("reads the pages that are wanted, and as what it is told", () =>
    Effect.gen(function*() {
      const faults = yield* Faults
      const segments = yield* SegmentsRepo
      const { caller } = yield* makeTenant
      const datasetId = yield* makeDataset(caller)
      const textsOf = Effect.fnUntraced(function*(documentId: DocumentId) {
        const { items } = some(yield* segments.list(caller, { documentId, limit: 50 }))
        return items.map(({ text }) => text).join("\n")
      })
      const run = Effect.fnUntraced(function*(documentId: DocumentId, parsing: RunSettings["parsing"]) {
        yield* controlled((control) =>
          control.run(by(caller), { documentId, ...(parsing !== undefined && { settings: { parsing } }) })
        )
        return yield* until(caller, documentId)
      })

      const bytes = yield* Effect.promise(() => pdf("Otters swim.", "Kestrels hover.", "Newts hide."))
      const { documentId } = yield* ingest(caller, datasetId, { name: "animals.pdf", bytes })
      yield* until(caller, documentId)
      assert.include(yield* textsOf(documentId), "Otters")
      yield* run(documentId, { pages: [{ first: 3, last: 3 }, { first: 2, last: 2 }] })
      const two = yield* textsOf(documentId)
      assert.deepStrictEqual(["Otters", "Kestrels", "Newts"].map((word) => two.includes(word)), [false, true, true])
      const { parsed } = faults
      yield* run(documentId, undefined)
      assert.strictEqual(faults.parsed, parsed, "the same pages are not parsed again")
      const none = yield* run(documentId, { pages: [{ first: 9, last: 12 }] })
      assert.deepInclude(none, { status: "error" })
      assert.deepStrictEqual(none.run?.cause, { _tag: "NoPages" })
      assert.strictEqual(yield* textsOf(documentId), two, "the version before serves")
      yield* run(documentId, { pages: null })
      assert.include(yield* textsOf(documentId), "Otters")

      const text = yield* ingest(caller, datasetId, {
        name: "notes",
        bytes: "<h1>Lamps</h1><p>They are <b>lit</b>.</p>"
      })
      yield* until(caller, text.documentId)
      yield* run(text.documentId, { markup: "plain" })
      assert.include(yield* textsOf(text.documentId), "<b>lit</b>")
      yield* run(text.documentId, { markup: "html" })
      assert.notInclude(yield* textsOf(text.documentId), "<b>")
    }), 90_000)
})
