import { assert, describe, it } from "@effect/vitest"
import { Clock, Deferred, Duration, Effect, Exit, Fiber, Layer, Scope, Stream } from "effect"
import * as Net from "node:net"
import * as TestServer from "../../../test/support/TestServer.ts"
import { Server } from "./Server.ts"

const page = "https://app.example.com"

/** How a WebSocket to the server ends that a page opens: what the server says instead, or nothing when it is let in. */
const openFrom = Effect.fnUntraced(function*(origin: string | undefined, path = "/rpc", upgrade = "websocket") {
  const { port } = yield* Server
  return yield* Effect.callback<string>((resume) => {
    const socket = Net.connect(port, "127.0.0.1")
    socket.write(
      `GET ${path} HTTP/1.1\r\nhost: localhost\r\nconnection: upgrade\r\nupgrade: ${upgrade}\r\n` +
        `sec-websocket-version: 13\r\nsec-websocket-key: dGhlIHNhbXBsZSBub25jZQ==\r\n` +
        (origin === undefined ? "\r\n" : `origin: ${origin}\r\n\r\n`)
    )
    socket.once("data", (data) => {
      resume(Effect.succeed(String(data).split("\r\n")[0]!))
      socket.destroy()
    })
    socket.on("error", () => resume(Effect.succeed("error")))
  })
})

/** What a counter stands at. It is the process's: others may have been counted before. */
const valueOf = (metrics: string, counter: string): number =>
  Number(metrics.split("\n").find((line) => line.startsWith(`${counter} `))?.slice(counter.length + 1) ?? 0)

it.layer(TestServer.layer(), { timeout: "60 seconds" })("Server", (it) => {
  it.effect("says that it lives, and what it cannot do", () =>
    Effect.gen(function*() {
      const live = yield* TestServer.request("/health/live")
      assert.deepStrictEqual([live.status, live.json], [200, { status: "live" }])
      const ready = yield* TestServer.request("/health/ready")
      assert.strictEqual(ready.status, 503)
      const down = ready.json.parts.filter((part: { readonly ok: boolean }) => !part.ok)
      assert.deepStrictEqual(down.map((part: { readonly name: string }) => part.name), ["embedder"])
      for (const part of down) assert.isNotEmpty(part.remedy)
    }))

  it.effect("listens on loopback, and says where", () =>
    Effect.gen(function*() {
      const { port, url } = yield* Server
      assert.strictEqual(url, `http://127.0.0.1:${port}`)
    }))

  it.effect("measures what it does and what is owed", () =>
    Effect.gen(function*() {
      const { keys } = yield* TestServer.makeTenant
      const { id: datasetId } = yield* TestServer.ok(keys.write, "DatasetsCreate", { name: "d" })
      yield* TestServer.ok(keys.write, "DocumentsIngestText", { datasetId, name: "a", text: "a" })
      const forbidden = "sheaf_requests_total{operation=\"DatasetsCreate\",outcome=\"Forbidden\"}"
      const before = valueOf((yield* TestServer.request("/metrics")).text, forbidden)
      yield* TestServer.rpc(keys.read, "DatasetsCreate", { name: "e" })
      const { headers, text } = yield* TestServer.request("/metrics")
      assert.include(headers.get("content-type"), "text/plain; version=0.0.4")
      const lines = text.split("\n")
      for (const line of lines) assert.match(line, /^(#.*|[a-z_]+(\{[^}]*\})? [-+.eE\d]+|)$/)
      assert.isTrue(
        lines.some((line) => /^sheaf_jobs\{stage="ParsePages",lane="interactive",state="ready"\} [1-9]/.test(line))
      )
      assert.isTrue(lines.some((line) => line.startsWith("sheaf_jobs_oldest_seconds{stage=\"ParsePages\"")))
      assert.strictEqual(valueOf(text, forbidden), before + 1)
      assert.include(text, "sheaf_request_seconds_bucket{operation=\"DatasetsCreate\",le=\"0.05\"}")
    }))

  it.effect("says nothing to pages when no origin is allowed", () =>
    Effect.gen(function*() {
      const { headers } = yield* TestServer.request("/health/live", { headers: { origin: page } })
      assert.isNull(headers.get("access-control-allow-origin"))
      const preflight = yield* TestServer.request("/uploads/x", { method: "OPTIONS", headers: { origin: page } })
      assert.isNull(preflight.headers.get("access-control-allow-origin"))
      assert.include(yield* openFrom(page), "403")
      assert.include(yield* openFrom(undefined), "101")
      assert.include(yield* openFrom(undefined, "/rpc", "h2c"), "426")
      assert.strictEqual((yield* TestServer.request("/rpc")).status, 426)
      assert.strictEqual((yield* TestServer.request("/nowhere")).json.error.tag, "UnknownOperation")
      assert.include((yield* TestServer.request("/")).text, "/rpc/json")
    }))

  it.effect("answers malformed and unknown calls without harm to the others of a connection", () =>
    Effect.gen(function*() {
      const { keys } = yield* TestServer.makeTenant
      const client = yield* TestServer.connect
      const [malformed, fine] = yield* Effect.all([
        Effect.exit(client.DatasetsGet({ datasetId: "x" as never }, { discard: false } as never)),
        client.DatasetsList({})
      ], { concurrency: "unbounded" }).pipe(TestServer.as(keys.read))
      assert.isTrue(Exit.isFailure(malformed))
      assert.deepStrictEqual(fine, { items: [] })
      const line = (fields: object) => `${JSON.stringify({ _tag: "Request", id: "1", headers: [], ...fields })}\n`
      const say = (body: string) => TestServer.request("/rpc/http", { method: "POST", body, key: keys.read })
      const payload = yield* say(line({ tag: "DatasetsGet", payload: { datasetId: "x" } }))
      assert.include(payload.text, "\"_tag\":\"Die\"")
      assert.include(payload.text, "datasetId")
      assert.include((yield* say(line({ tag: "Nope", payload: {} }))).text, "Unknown request tag: Nope")
      assert.include((yield* say("{\n")).text, "\"_tag\":\"Defect\"")
      const large = yield* say(line({ tag: "DatasetsList", payload: { name: "x".repeat(9_000_000) } }))
      assert.strictEqual(large.status, 413)
    }))

  it.effect("closes a connection that sends too large a message, and no other", () =>
    Effect.gen(function*() {
      const { keys } = yield* TestServer.makeTenant
      const { url } = yield* Server
      const client = yield* TestServer.connect
      yield* client.DatasetsList({}).pipe(TestServer.as(keys.read))
      const code = yield* Effect.callback<number>((resume) => {
        const socket = new WebSocket(`${url.replace("http", "ws")}/rpc`)
        socket.addEventListener("open", () => socket.send("x".repeat(9_000_000)))
        socket.addEventListener("close", (event) => resume(Effect.succeed(event.code)))
      })
      assert.include([1006, 1009], code)
      yield* client.DatasetsList({}).pipe(TestServer.as(keys.read))
    }))
})

it.layer(TestServer.layer({ corsOrigins: [page] }), { timeout: "60 seconds" })("Server for pages", (it) => {
  it.effect("lets the pages of allowed origins in, and no others", () =>
    Effect.gen(function*() {
      const ask = (origin: string) =>
        TestServer.request("/uploads/x", {
          method: "OPTIONS",
          headers: {
            origin,
            "access-control-request-method": "PATCH",
            "access-control-request-headers": "authorization,upload-offset"
          }
        })
      const preflight = yield* ask(page)
      assert.strictEqual(preflight.status, 204)
      assert.strictEqual(preflight.headers.get("access-control-allow-origin"), page)
      assert.include(preflight.headers.get("access-control-allow-methods"), "PATCH")
      assert.include(preflight.headers.get("access-control-allow-headers"), "upload-offset")
      assert.isNull((yield* ask("https://evil.example.com")).headers.get("access-control-allow-origin"))
      const refused = yield* TestServer.request("/uploads/x", { method: "PATCH", headers: { origin: page } })
      assert.strictEqual(refused.status, 401)
      assert.strictEqual(refused.headers.get("access-control-allow-origin"), page)
      for (const name of ["upload-offset", "etag", "retry-after"]) {
        assert.include(refused.headers.get("access-control-expose-headers"), name)
      }
      assert.include(yield* openFrom(page), "101")
      assert.include(yield* openFrom("https://evil.example.com"), "403")
    }))
})

describe("Server", () => {
  it.live("stops within two seconds, whatever is open", () =>
    Effect.gen(function*() {
      const adapters = yield* Layer.build(TestServer.adapters)
      const scope = yield* Scope.make()
      const server = yield* Layer.buildWithScope(
        Server.layer({ version: "0", profile: "embedded" }).pipe(Layer.provide(Layer.succeedContext(adapters))),
        scope
      )
      const opened = yield* Effect.gen(function*() {
        const { keys } = yield* TestServer.makeTenant
        const client = yield* TestServer.connect
        const { id: datasetId } = yield* TestServer.ok(keys.write, "DatasetsCreate", { name: "d" })
        const { documentId } = yield* TestServer.ok(keys.write, "DocumentsIngestText", {
          datasetId,
          name: "a",
          text: "a"
        })
        const { uploadId } = yield* TestServer.ok(keys.write, "DocumentsUpload", { datasetId, name: "a" })
        const started = yield* Deferred.make<void>()
        const streaming = yield* client.DocumentsWatch({ documentId }).pipe(
          Stream.tap(() => Deferred.succeed(started, undefined)),
          Stream.runDrain,
          TestServer.as(keys.read),
          Effect.exit,
          Effect.forkChild
        )
        const listening = yield* client.EventsSubscribe({}).pipe(
          Stream.runDrain,
          TestServer.as(keys.read),
          Effect.exit,
          Effect.forkChild
        )
        yield* Deferred.await(started)
        const { port } = yield* Server
        // Clients that neither go on nor hang up: in the middle of headers, of a body, of a WebSocket.
        const mute = [
          "GET /",
          `PATCH /uploads/${uploadId} HTTP/1.1\r\nhost: x\r\nauthorization: Bearer ${keys.write.secret}\r\n` +
          "upload-offset: 0\r\ncontent-length: 100\r\n\r\nabc",
          "GET /rpc HTTP/1.1\r\nhost: x\r\nconnection: upgrade\r\n" +
          "upgrade: websocket\r\nsec-websocket-version: 13\r\nsec-websocket-key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n"
        ]
        yield* Effect.forEach(mute, (text) =>
          Effect.callback<void>((resume) => {
            const socket = Net.connect({ port, host: "127.0.0.1", allowHalfOpen: true })
            socket.on("error", () => {})
            socket.write(text, () => resume(Effect.void))
          }))
        yield* TestServer.request("/health/live")
        return { streaming, listening }
      }).pipe(Effect.provideContext(server), Effect.provideContext(adapters))
      const begin = yield* Clock.currentTimeMillis
      yield* Scope.close(scope, Exit.void)
      const took = (yield* Clock.currentTimeMillis) - begin
      assert.isBelow(took, 2_000)
      yield* Fiber.interrupt(opened.streaming)
      yield* Fiber.interrupt(opened.listening)
    }), 30_000)

  it.live("lets requests end that have begun, where it is told to; streams it ends", () =>
    Effect.gen(function*() {
      const adapters = yield* Layer.build(TestServer.adapters)
      const scope = yield* Scope.make()
      const server = yield* Layer.buildWithScope(
        Server.layer({ version: "0", profile: "production", grace: Duration.seconds(15) }).pipe(
          Layer.provide(Layer.succeedContext(adapters))
        ),
        scope
      )
      const { streaming, waiting } = yield* Effect.gen(function*() {
        const { keys } = yield* TestServer.makeTenant
        const client = yield* TestServer.connect
        const streaming = yield* client.EventsSubscribe({}).pipe(
          Stream.runDrain,
          TestServer.as(keys.read),
          Effect.exit,
          Effect.forkChild
        )
        const waiting = yield* Effect.forkChild(
          TestServer.rpc(keys.read, "EventsList", { waitMs: 4_000 }),
          { startImmediately: true }
        )
        // What was asked first is at work when this is answered.
        yield* TestServer.ok(keys.read, "AdminInfo")
        return { streaming, waiting }
      }).pipe(Effect.provideContext(server), Effect.provideContext(adapters))
      const begin = yield* Clock.currentTimeMillis
      yield* Scope.close(scope, Exit.void)
      const took = (yield* Clock.currentTimeMillis) - begin
      assert.isAbove(took, 2_000)
      assert.isBelow(took, 14_000)
      assert.strictEqual((yield* Fiber.join(waiting)).status, 200)
      yield* Fiber.interrupt(streaming)
    }), 40_000)

  it.live("says where it cannot listen", () =>
    Effect.gen(function*() {
      const adapters = Layer.succeedContext(yield* Layer.build(TestServer.adapters))
      const options = { version: "0", profile: "embedded" } as const
      const first = yield* Layer.build(Server.layer(options).pipe(Layer.provide(adapters)))
      const { port } = yield* Effect.provideContext(Server, first)
      const second = yield* Effect.flip(Layer.build(Server.layer({ ...options, port }).pipe(Layer.provide(adapters))))
      assert.strictEqual(second._tag, "ServeError")
    }), 30_000)
})
