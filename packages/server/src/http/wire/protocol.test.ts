import { assert, it } from "@effect/vitest"
import { Effect, Queue } from "effect"
import * as TestServer from "../../../../../test/support/TestServer.ts"
import { Server } from "../../Server.ts"

interface Said {
  readonly _tag: string
  readonly requestId?: string | number
  readonly exit?: { readonly _tag: string; readonly value?: unknown; readonly cause?: ReadonlyArray<unknown> }
}

/** A connection that says what a test says, and gives what is said to it a message at a time. */
const open = Effect.gen(function*() {
  const { url } = yield* Server
  const said = yield* Queue.unbounded<Said>()
  const socket = yield* Effect.acquireRelease(
    Effect.callback<WebSocket>((resume) => {
      const socket = new WebSocket(`${url.replace("http", "ws")}/rpc`)
      socket.addEventListener("open", () => resume(Effect.succeed(socket)))
    }),
    (socket) => Effect.sync(() => socket.close())
  )
  socket.addEventListener("message", ({ data }) => {
    for (const line of String(data).trimEnd().split("\n")) Queue.offerUnsafe(said, JSON.parse(line) as Said)
  })
  const say = (...messages: ReadonlyArray<object>) =>
    socket.send(messages.map((message) => `${JSON.stringify(message)}\n`).join(""))
  return { say, socket, next: Queue.take(said) }
})

const call = (id: string | number, tag: string, payload: unknown, key?: { readonly secret: string }) => ({
  _tag: "Request",
  id,
  tag,
  payload,
  headers: key === undefined ? [] : [["Authorization", `Bearer ${key.secret}`]]
})

it.layer(TestServer.layer(), { timeout: "60 seconds" })("calls over a WebSocket", (it) => {
  it.effect("are answered under the id that they came with, each with the headers of its own message", () =>
    Effect.gen(function*() {
      const { keys } = yield* TestServer.makeTenant
      const { next, say } = yield* open
      say(
        call(7, "DatasetsList", {}, keys.read),
        call("seven", "DatasetsCreate", { name: "d", idempotencyKey: "one" }, keys.read),
        call(8, "DatasetsList", {}),
        call(9, "AdminInfo", null, keys.read)
      )
      const answers = [yield* next, yield* next, yield* next, yield* next]
      const of = (id: string | number) => JSON.stringify(answers.find(({ requestId }) => requestId === id)?.exit)
      assert.strictEqual(of(7), "{\"_tag\":\"Success\",\"value\":{\"items\":[]}}")
      assert.include(of("seven"), "Forbidden")
      assert.include(of(8), "Unauthorized")
      assert.include(of(9), "\"scopes\":[\"read\"]")
    }))

  it.effect("end when they are interrupted, and with their connection", () =>
    Effect.gen(function*() {
      const { keys } = yield* TestServer.makeTenant
      const { next, say, socket } = yield* open
      say(call("1", "EventsList", { waitMs: 30_000 }, keys.read), { _tag: "Interrupt", requestId: "1" })
      const interrupted = yield* next
      assert.deepStrictEqual([interrupted.requestId, interrupted.exit?._tag], ["1", "Failure"])
      assert.include(JSON.stringify(interrupted.exit?.cause), "Interrupt")
      const counted = "sheaf_requests_total{operation=\"EventsList\",outcome=\"interrupted\"}"
      const count = Effect.map(TestServer.request("/metrics"), ({ text }) =>
        Number(
          text.split("\n").find((line) => line.startsWith(`${counted} `))?.slice(counted.length + 1) ?? 0
        ))
      const before = yield* count
      // A connection that reads is at work on what came before: this is answered once the first is waiting.
      say(call("2", "EventsList", { waitMs: 30_000 }, keys.read), call("3", "AdminInfo", null, keys.read))
      assert.strictEqual((yield* next).requestId, "3")
      socket.close()
      while ((yield* count) === before) yield* Effect.yieldNow
    }))

  it.effect("that cannot be understood are told so, and the connection goes on", () =>
    Effect.gen(function*() {
      const { keys } = yield* TestServer.makeTenant
      const { next, say, socket } = yield* open
      say(call("1", "DatasetsGet", { datasetId: "x" }, keys.read))
      assert.include(JSON.stringify(yield* next), "datasetId")
      say(call("2", "toString", {}, keys.read))
      assert.include(JSON.stringify(yield* next), "Unknown request tag: toString")
      socket.send("{\n")
      assert.strictEqual((yield* next)._tag, "Defect")
      say({ _tag: "Ping" })
      assert.strictEqual((yield* next)._tag, "Pong")
      say(...Array.from({ length: 300 }, (_, at) => call(at, "AdminInfo", null, keys.read)))
      const answers = yield* Effect.forEach(Array.from({ length: 300 }), () => next)
      assert.strictEqual(new Set(answers.map(({ requestId }) => requestId)).size, 300)
      assert.isTrue(answers.every(({ exit }) => exit?._tag === "Success"))
    }))
})
