import { assert, describe, it } from "@effect/vitest"
import { DocumentProgress } from "@sheaf/domain/documents/Document"
import { DocumentNotFound } from "@sheaf/domain/documents/errors"
import type { Event } from "@sheaf/domain/events/Event"
import { CursorExpired } from "@sheaf/domain/events/EventsRpcs"
import { EventCursor, PageCursor } from "@sheaf/domain/ids"
import type { RunState } from "@sheaf/domain/runs/Run"
import { DocumentCancelled, DocumentFailed, Encrypted, SheafError, StillRunning } from "@sheaf/sdk/index"
import { Effect, Stream, SubscriptionRef } from "effect"
import { abortedSoon, client, collect, rejection } from "./support/client.ts"
import { datasetId, document, documentId, nothingFound, progress } from "./support/samples.ts"
import { type Handlers, serve } from "./support/ScriptedServer.ts"
import { proxyTo } from "./support/Proxy.ts"

/** A run whose progress a test makes, as the server would tell it to whoever watches. */
const makeRun = Effect.map(SubscriptionRef.make(progress(1)), (now) => {
  const final = (state: RunState) => state === "published" || state === "failed" || state === "cancelled"
  const handlers: Partial<Handlers> = {
    DocumentsWatch: () => SubscriptionRef.changes(now).pipe(Stream.takeUntil(({ state }) => final(state))),
    DocumentsGet: () => Effect.succeed(document()),
    SearchQuery: () => Effect.succeed(nothingFound)
  }
  const look = (next: DocumentProgress) => SubscriptionRef.set(now, next)
  return { handlers, look, lookNow: (next: DocumentProgress) => Effect.runPromise(look(next)) }
})

describe("progress", () => {
  it.live("goes on after a lost connection, with nothing shown twice", () =>
    Effect.gen(function*() {
      const run = yield* makeRun
      const { port } = yield* serve({ handlers: run.handlers })
      const proxy = yield* proxyTo(port)
      const sheaf = yield* client({ url: proxy.url })
      const seen: Array<number> = []
      yield* Effect.promise(async () => {
        for await (const { revision } of sheaf.documents.progress(documentId)) {
          seen.push(revision)
          if (revision === 1 || revision === 3) proxy.cut()
          if (revision < 5) {
            await run.lookNow(progress(revision + 1, revision === 4 ? "published" : "embedding"))
          }
        }
      })
      assert.deepStrictEqual(seen, [1, 2, 3, 4, 5])
    }))

  it.live("begins after what an earlier reader saw", () =>
    Effect.gen(function*() {
      const run = yield* makeRun
      yield* run.look(progress(7, "published"))
      const { url } = yield* serve({ handlers: run.handlers })
      const sheaf = yield* client({ url })
      const all = yield* Effect.promise(() => collect(sheaf.documents.progress(documentId)))
      assert.deepStrictEqual(all.map(({ revision }) => revision), [7])
      const rest = yield* Effect.promise(() => collect(sheaf.documents.progress(documentId, { after: all[0] })))
      assert.deepStrictEqual(rest, [])
    }))

  it.live("that nobody reads holds up no call, and is merged into the newest look", () =>
    Effect.gen(function*() {
      const { url } = yield* serve({
        handlers: {
          // More than any buffer on the way holds, each in a message of its own.
          DocumentsWatch: () =>
            Stream.range(1, 2_000).pipe(Stream.rechunk(1), Stream.map((n) => progress(n)), Stream.concat(Stream.never)),
          SearchQuery: () => Effect.succeed(nothingFound)
        }
      })
      const sheaf = yield* client({ url })
      let newest = 0
      const times = yield* Effect.promise(async () => {
        const looks = sheaf.documents.progress(documentId)[Symbol.asyncIterator]()
        await looks.next()
        const times: Array<number> = []
        for (let i = 0; i < 200; i++) {
          const began = performance.now()
          await sheaf.search({ text: "x" })
          times.push(performance.now() - began)
        }
        // Whoever reads again is given the newest look.
        newest = (await looks.next()).value.revision
        await looks.return?.()
        return times.sort((a, b) => a - b)
      })
      assert.isBelow(times[100]!, 50)
      assert.isAbove(newest, 100)
    }))

  it.live("is given up with an AbortError", () =>
    Effect.gen(function*() {
      const { url } = yield* serve({ handlers: { DocumentsWatch: () => Stream.never } })
      const sheaf = yield* client({ url })
      const error = yield* rejection(() =>
        abortedSoon((signal) => collect(sheaf.documents.progress(documentId, { signal })))
      )
      assert.strictEqual((error as DOMException).name, "AbortError")
    }))
})

describe("done", () => {
  it.live("resolves, although the server dies twice", () =>
    Effect.gen(function*() {
      const run = yield* makeRun
      const first = yield* serve({ handlers: run.handlers })
      const sheaf = yield* client({ url: first.url })
      const events: Array<string> = []
      const { promise: watched, resolve } = Promise.withResolvers<void>()
      const done = sheaf.documents.done(documentId, {
        onProgress: (event) => {
          events.push(event.type === "progress" ? `${event.progress.revision}` : event.type)
          resolve()
        }
      })
      yield* Effect.promise(() => watched)
      yield* first.kill
      yield* run.look(progress(2))
      const second = yield* serve({ handlers: run.handlers }, first.port)
      yield* Effect.repeat(Effect.sleep(20), { until: () => events.includes("2") })
      yield* second.kill
      yield* run.look(progress(3, "published"))
      yield* serve({ handlers: run.handlers }, first.port)
      assert.strictEqual((yield* Effect.promise(() => done)).id, documentId)
      assert.deepStrictEqual(events, ["1", "2", "3", "done"])
    }), 20_000)

  it.live("rejects with the document's own failure", () =>
    Effect.gen(function*() {
      const run = yield* makeRun
      yield* run.look(progress(4, "failed", { cause: { _tag: "Encrypted", wrongPassword: false } }))
      const { url } = yield* serve({ handlers: run.handlers })
      const sheaf = yield* client({ url })
      const error = yield* rejection(() => sheaf.documents.done(documentId))
      assert.instanceOf(error, Encrypted)
      assert.isTrue(error instanceof DocumentFailed)
      assert.isTrue(error instanceof SheafError)
      assert.strictEqual(error.documentId, documentId)
      assert.isFalse(error.failure.wrongPassword)
      assert.isFalse(error.retryable)
      assert.include(error.stack, "Encrypted: The file is protected by a password.")
    }))

  it.live("rejects when the run was cancelled", () =>
    Effect.gen(function*() {
      const run = yield* makeRun
      yield* run.look(progress(4, "cancelled"))
      const { url } = yield* serve({ handlers: run.handlers })
      const sheaf = yield* client({ url })
      assert.instanceOf(yield* rejection(() => sheaf.documents.done(documentId)), DocumentCancelled)
    }))

  it.live("rejects when the document is deleted meanwhile", () =>
    Effect.gen(function*() {
      const run = yield* makeRun
      yield* run.look(new DocumentProgress({ ...progress(4, "cancelled"), status: "deleting" }))
      const handlers = {
        ...run.handlers,
        DocumentsGet: () => Effect.fail(new DocumentNotFound({ documentId }))
      }
      const { url } = yield* serve({ handlers })
      const sheaf = yield* client({ url })
      const error = yield* rejection(() => sheaf.documents.done(documentId))
      assert.strictEqual((error as SheafError).name, "DocumentNotFound")
    }))

  it.live("says at a deadline how far it came", () =>
    Effect.gen(function*() {
      const run = yield* makeRun
      const { url } = yield* serve({ handlers: run.handlers })
      const sheaf = yield* client({ url })
      const error = yield* rejection(() => sheaf.documents.done(documentId, { deadline: 200 }))
      assert.instanceOf(error, StillRunning)
      assert.strictEqual(error.progress?.revision, 1)
    }))
})

describe("events", () => {
  it.live("go on after a lost connection, without gap or repeat, and wait for a slow reader", () =>
    Effect.gen(function*() {
      const event = (number: number): Event => ({
        cursor: EventCursor.make(String(number)),
        at: document().createdAt,
        body: { _tag: "DatasetDeleted", datasetId }
      })
      const { port } = yield* serve({
        handlers: {
          EventsList: ({ after }) => {
            const from = Number(after ?? "40")
            const events = after === undefined || from >= 50 ? [] : [1, 2, 3].map((n) => event(from + n))
            const answer = { events, next: events.at(-1)?.cursor ?? EventCursor.make(String(from)) }
            return from >= 50 ? Effect.never : Effect.succeed(answer)
          }
        }
      })
      const proxy = yield* proxyTo(port)
      const sheaf = yield* client({ url: proxy.url })
      const seen: Array<string> = []
      yield* Effect.promise(async () => {
        for await (const { cursor } of sheaf.events.since()) {
          seen.push(cursor)
          if (cursor === "43" || cursor === "44") proxy.cut()
          if (cursor === "49") break
        }
      })
      assert.deepStrictEqual(seen, ["41", "42", "43", "44", "45", "46", "47", "48", "49"])
    }))

  it.live(
    "that are no longer kept are told as a snapshot when asked, over lost connections, and go on from it",
    () =>
      Effect.gen(function*() {
        const item = (n: number) => ({ _tag: "Dataset" as const, datasetId, name: `dataset ${n}` })
        const { port } = yield* serve({
          handlers: {
            EventsList: ({ after }) =>
              after === "7"
                ? Effect.succeed({
                  events: [{
                    cursor: EventCursor.make("8"),
                    at: document().createdAt,
                    body: { _tag: "DatasetCreated" as const, datasetId, name: "new" }
                  }],
                  next: EventCursor.make("8")
                })
                : Effect.fail(new CursorExpired({ oldest: EventCursor.make("5"), newest: EventCursor.make("9") })),
            EventsSnapshot: ({ cursor }) =>
              Effect.succeed({
                items: [item(cursor === undefined ? 1 : 2)],
                cursor: EventCursor.make("7"),
                ...(cursor === undefined && { next: PageCursor.make("two") })
              })
          }
        })
        const proxy = yield* proxyTo(port)
        const sheaf = yield* client({ url: proxy.url })
        const seen: Array<unknown> = []
        yield* Effect.promise(async () => {
          for await (const one of sheaf.events.since("1", { onExpired: "snapshot" })) {
            proxy.cut()
            if (!("snapshot" in one)) {
              seen.push(one.cursor)
              break
            }
            const { cursor, first, last, snapshot } = one
            seen.push([snapshot.map((each) => each.name), first, last, cursor])
          }
        })
        assert.deepStrictEqual(seen, [[["dataset 1"], true, false, "7"], [["dataset 2"], false, true, "7"], "8"])
        const refused = yield* rejection(() => collect(sheaf.events.since("1")))
        assert.strictEqual((refused as SheafError).name, "CursorExpired")
      }),
    20_000
  )

  it.live("of a dataset end with its deletion", () =>
    Effect.gen(function*() {
      const { url } = yield* serve({
        handlers: {
          EventsList: () =>
            Effect.succeed({
              events: [{
                cursor: EventCursor.make("3"),
                at: document().createdAt,
                body: { _tag: "DatasetDeleted" as const, datasetId }
              }],
              next: EventCursor.make("3")
            })
        }
      })
      const sheaf = yield* client({ url })
      const all = yield* Effect.promise(() => collect(sheaf.events.since("1", { dataset: { id: datasetId } })))
      assert.deepStrictEqual(all.map(({ cursor }) => cursor), ["3"])
    }))
})
