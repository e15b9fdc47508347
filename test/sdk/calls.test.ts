import { assert, describe, it } from "@effect/vitest"
import { DocumentNotFound as WireDocumentNotFound } from "@sheaf/domain/documents/errors"
import { TenantSuspended as WireTenantSuspended, Unavailable as WireUnavailable } from "@sheaf/domain/edge/errors"
import {
  BadRequest,
  ClientClosed,
  DatasetNameUnknown,
  DocumentNotFound,
  SheafError,
  TenantSuspended,
  TimedOut,
  Unauthorized,
  UnknownOperation,
  Unreachable,
  VersionSkew
} from "@sheaf/sdk/index"
import { Effect, Queue } from "effect"
import { abortedSoon, client, rejection } from "./support/client.ts"
import { dataset, datasetId, document, documentId, nothingFound, serverInfo } from "./support/samples.ts"
import { serve } from "./support/ScriptedServer.ts"

const found = { SearchQuery: () => Effect.succeed(nothingFound) }

describe("calls", () => {
  it.live("are answered, with datasets by id and by name", () =>
    Effect.gen(function*() {
      const asked: Array<unknown> = []
      const { url } = yield* serve({
        handlers: {
          DatasetsList: ({ name }) => Effect.succeed({ items: name === "manuals" ? [dataset("manuals")] : [] }),
          DatasetsGet: () => Effect.succeed(dataset("manuals")),
          SearchQuery: ({ datasetIds }) => Effect.sync(() => (asked.push(datasetIds), nothingFound))
        }
      })
      const sheaf = yield* client({ url })
      assert.strictEqual((yield* Effect.promise(() => sheaf.datasets.get("manuals"))).name, "manuals")
      assert.strictEqual((yield* Effect.promise(() => sheaf.datasets.get(datasetId))).name, "manuals")
      yield* Effect.promise(() => sheaf.search({ text: "x", datasets: ["manuals", { id: datasetId }] }))
      assert.deepStrictEqual(asked, [[datasetId, datasetId]])
      assert.instanceOf(yield* rejection(() => sheaf.datasets.get("nothing")), DatasetNameUnknown)
    }))

  it.live("reject with the class of the error, whose stack leads back to the caller", () =>
    Effect.gen(function*() {
      const { url } = yield* serve({
        handlers: { DocumentsGet: ({ documentId }) => Effect.fail(new WireDocumentNotFound({ documentId })) }
      })
      const sheaf = yield* client({ url })
      const error = yield* rejection(() => sheaf.documents.get(documentId))
      assert.instanceOf(error, DocumentNotFound)
      assert.instanceOf(error, WireDocumentNotFound)
      assert.isTrue(error instanceof SheafError)
      assert.strictEqual(error.documentId, documentId)
      assert.include(error.stack, "DocumentNotFound: There is no document")
      assert.include(error.stack!.split("\n    at ")[1], "calls.test.ts")
    }))

  it.live("name a payload, an operation or a version that does not fit", () =>
    Effect.gen(function*() {
      const { url } = yield* serve({ handlers: found })
      const sheaf = yield* client({ url })
      const malformed = yield* rejection(() => sheaf.search({ text: "x", limit: 1_000 }))
      assert.instanceOf(malformed, BadRequest)
      assert.include(malformed.message, "limit")
      assert.instanceOf(yield* rejection(() => sheaf.documents.get("not an id")), BadRequest)

      const older = yield* client({ url: (yield* serve({ handlers: found, without: "SegmentsGet" })).url })
      const unknown = yield* rejection(() => older.segments.get({ documentId, segmentId: documentId }))
      assert.instanceOf(unknown, UnknownOperation)
      assert.strictEqual(unknown.operation, "SegmentsGet")

      const newer = yield* serve({ handlers: { AdminInfo: () => Effect.succeed({ ...serverInfo, api: 99 }) } })
      const skewed = yield* client({ url: newer.url })
      const skew = yield* rejection(() => skewed.search({ text: "x" }))
      assert.instanceOf(skew, VersionSkew)
      assert.strictEqual(skew.server, 99)
    }))

  it.live("reach a server that refuses the key's tenant, so that an operator can resume it", () =>
    Effect.gen(function*() {
      const suspended = () => Effect.fail(new WireTenantSuspended())
      const tenant = serverInfo.tenant
      const { url } = yield* serve({
        handlers: {
          AdminInfo: suspended,
          DocumentsGet: suspended,
          TenantsSetState: () => Effect.succeed(tenant)
        } as never
      })
      const sheaf = yield* client({ url })
      assert.instanceOf(yield* rejection(() => sheaf.documents.get(documentId)), TenantSuspended)
      assert.deepStrictEqual(yield* Effect.promise(() => sheaf.tenants.resume(tenant.id)), tenant)
    }))

  it.live("say that the server is not there, before the deadline", () =>
    Effect.gen(function*() {
      const sheaf = yield* client({ url: "http://127.0.0.1:1" })
      const error = yield* rejection(() => sheaf.search({ text: "x" }))
      assert.instanceOf(error, Unreachable)
      assert.strictEqual(error.url, "http://127.0.0.1:1")
      assert.include(error.hint, "sheaf serve")
    }), 5_000)

  it.live("say that the server accepts connections but does not answer", () =>
    Effect.gen(function*() {
      const { url } = yield* serve({ handlers: { AdminInfo: () => Effect.never } })
      const sheaf = yield* client({ url, connectTimeout: 100, retries: 0 })
      assert.instanceOf(yield* rejection(() => sheaf.search({ text: "x" })), Unreachable)
    }))

  it.live("have a deadline, and cancel the work on the server when it passes", () =>
    Effect.gen(function*() {
      const cancelled = yield* Queue.unbounded<string>()
      const { url } = yield* serve({
        handlers: {
          SearchQuery: ({ text }) => Effect.onInterrupt(Effect.never, () => Queue.offer(cancelled, text))
        },
        before: (operation) =>
          operation === "SegmentsList"
            ? Effect.fail(new WireUnavailable({ dependency: "the database", retryAfterMs: 60_000 }))
            : Effect.void
      })
      const sheaf = yield* client({ url })
      // The first of them opens the connection, which the second finds open.
      for (const text of ["first", "second"]) {
        const error = yield* rejection(() => sheaf.search({ text }, { timeout: 600 }))
        assert.instanceOf(error, TimedOut)
        assert.deepStrictEqual([error.operation, error.limitMs], ["SearchQuery", 600])
        assert.strictEqual(yield* Queue.take(cancelled), text)
      }
      // It stands for all attempts, and the pauses between them.
      for (const timeout of [300, 300]) {
        assert.instanceOf(yield* rejection(() => sheaf.segments.list({ documentId, timeout })), TimedOut)
      }
      assert.strictEqual((yield* Effect.promise(() => sheaf.info({ timeout: Infinity }))).version, serverInfo.version)
    }))

  it.live("are given up with an AbortError", () =>
    Effect.gen(function*() {
      const { url } = yield* serve({ handlers: { SearchQuery: () => Effect.never } })
      const sheaf = yield* client({ url })
      const error = yield* rejection(() => abortedSoon((signal) => sheaf.search({ text: "x" }, { signal })))
      assert.instanceOf(error, DOMException)
      assert.strictEqual(error.name, "AbortError")
      const before = yield* rejection(() => sheaf.search({ text: "x" }, { signal: AbortSignal.abort() }))
      assert.strictEqual((before as DOMException).name, "AbortError")
    }))

  it.live("refuse a wrong key", () =>
    Effect.gen(function*() {
      const { url } = yield* serve({ handlers: found, key: "right" })
      const right = yield* client({ url, key: "right" })
      yield* Effect.promise(() => right.search({ text: "x" }))
      const wrong = yield* client({ url, key: "wrong" })
      const error = yield* rejection(() => wrong.search({ text: "x" }))
      assert.instanceOf(error, Unauthorized)
      assert.strictEqual(error.reason, "unknown")
    }))

  it.live("are sent again where that can help, with the same idempotency key", () =>
    Effect.gen(function*() {
      const keys: Array<string> = []
      const { url } = yield* serve({
        handlers: {
          DatasetsCreate: ({ idempotencyKey, name }) =>
            Effect.sync(() => {
              keys.push(idempotencyKey)
              return dataset(name)
            })
        },
        before: (operation, payload) => {
          if (operation !== "DatasetsCreate" || keys.length > 0) return Effect.void
          keys.push((payload as { readonly idempotencyKey: string }).idempotencyKey)
          return Effect.fail(new WireUnavailable({ dependency: "the database" }))
        }
      })
      const events: Array<string> = []
      const sheaf = yield* client({ url, onEvent: (event) => events.push(event.type) })
      yield* Effect.promise(() => sheaf.datasets.create({ name: "manuals" }))
      assert.strictEqual(keys.length, 2)
      assert.strictEqual(keys[0], keys[1])
      assert.deepStrictEqual(events, ["connected", "retry"])
    }))

  it.live("are sent again when the server stops them", () =>
    Effect.gen(function*() {
      let asked = 0
      const { url } = yield* serve({
        handlers: {
          SearchQuery: () => Effect.suspend(() => asked++ === 0 ? Effect.interrupt : Effect.succeed(nothingFound))
        }
      })
      const sheaf = yield* client({ url })
      yield* Effect.promise(() => sheaf.search({ text: "x" }))
      assert.strictEqual(asked, 2)
    }))

  it.live("end with the client, and cannot begin after it", () =>
    Effect.gen(function*() {
      const { promise: started, resolve } = Promise.withResolvers<void>()
      const { url } = yield* serve({
        handlers: { SearchQuery: () => Effect.andThen(Effect.sync(resolve), Effect.never) }
      })
      const sheaf = yield* client({ url })
      const error = yield* rejection(() => {
        const call = sheaf.search({ text: "x" })
        started.then(() => sheaf.close())
        return call
      })
      assert.instanceOf(error, ClientClosed)
      assert.instanceOf(yield* rejection(() => sheaf.search({ text: "x" })), ClientClosed)
    }))
})

describe("lists", () => {
  it.live("are a page when awaited, and every item when iterated", () =>
    Effect.gen(function*() {
      const pages: Record<string, { items: ReadonlyArray<ReturnType<typeof document>>; next?: never }> = {
        first: { items: [document("a"), document("b")], next: "second" as never },
        second: { items: [document("c")] }
      }
      const { url } = yield* serve({
        handlers: { DocumentsList: ({ cursor }) => Effect.succeed({ ...pages[cursor ?? "first"]!, total: 3 }) }
      })
      const sheaf = yield* client({ url })
      const page = yield* Effect.promise(() => sheaf.documents.list({ dataset: datasetId, withTotal: true }))
      assert.deepStrictEqual([page.items.length, page.next, page.total], [2, "second", 3])
      const names = yield* Effect.promise(async () => {
        const names: Array<string> = []
        for await (const { name } of sheaf.documents.list({ dataset: datasetId })) names.push(name)
        return names
      })
      assert.deepStrictEqual(names, ["a", "b", "c"])
      const two = yield* Effect.promise(() => sheaf.documents.list({ dataset: datasetId }).toArray({ limit: 2 }))
      assert.deepStrictEqual(two.map(({ name }) => name), ["a", "b"])
    }))
})
