import { assert, describe, it } from "@effect/vitest"
import { Effect, Redacted } from "effect"
import { createServer, type IncomingMessage, type ServerResponse } from "node:http"
import { httpClient, type HttpOptions, makeHttp } from "./Http.ts"

const serve = (handle: (request: IncomingMessage, response: ServerResponse) => void) =>
  Effect.acquireRelease(
    Effect.callback<{ readonly url: URL; readonly close: () => void }>((resume) => {
      const server = createServer(handle).listen(0, "127.0.0.1", () => {
        const address = server.address()
        const port = typeof address === "object" && address !== null ? address.port : 0
        const close = () => {
          server.close()
          server.closeAllConnections()
        }
        resume(Effect.succeed({ url: new URL(`http://127.0.0.1:${port}`), close }))
      })
    }),
    ({ close }) => Effect.sync(close)
  )

type Handle = Parameters<typeof serve>[0]

/** What comes of one request to a server that does this. */
const ask = (handle: Handle, options: Partial<HttpOptions> = {}) =>
  Effect.gen(function*() {
    const { url } = yield* serve(handle)
    const http = yield* makeHttp({ url, timeout: "10 seconds", ...options })
    return yield* http.post("/x", { text: "our secret text" })
  }).pipe(Effect.provide(httpClient))

const failing = (handle: Handle, options: Partial<HttpOptions> = {}) => Effect.flip(Effect.asVoid(ask(handle, options)))

describe("Http", () => {
  it.live("reads JSON, whatever pieces it comes in", () =>
    Effect.gen(function*() {
      const answer = yield* ask((_, response) => {
        response.write("{\"a\":")
        setImmediate(() => response.end("\"é\"}"))
      })
      assert.deepStrictEqual(answer, { a: "é" })
    }))

  it.live("puts every status into its kind", () =>
    Effect.gen(function*() {
      const kinds = {
        400: "rejected",
        413: "rejected",
        422: "rejected",
        424: "rejected",
        429: "overloaded",
        408: "down",
        500: "down",
        502: "down",
        503: "down",
        504: "down",
        401: "refused",
        403: "refused",
        404: "refused",
        301: "refused"
      }
      for (const [status, kind] of Object.entries(kinds)) {
        const failure = yield* failing((_, response) => response.writeHead(Number(status)).end("no"))
        assert.strictEqual(failure.kind, kind, status)
        assert.include(failure.detail, status)
      }
    }))

  it.live("says what the server says, in whatever form, and not for ever", () =>
    Effect.gen(function*() {
      const bodies = [
        ["{\"error\":\"too long\",\"error_type\":\"Validation\"}", "422: too long"],
        [
          "{\"error\":{\"message\":\"too long\",\"type\":\"BadRequestError\",\"param\":null,\"code\":400}}",
          "422: too long"
        ],
        ["{\"object\":\"error\",\"message\":\"too long\"}", "422: too long"],
        ["{\"detail\":\"too long\"}", "422: too long"],
        ["too long", "422: too long"],
        ["", "422: nothing more"],
        ["x".repeat(100_000), `${"x".repeat(300)}…`]
      ] as const
      for (const [body, expected] of bodies) {
        const failure = yield* failing((_, response) => response.writeHead(422).end(body))
        assert.isTrue(failure.detail.endsWith(expected) || body.length > 64 * 1_024, failure.detail)
        assert.isBelow(failure.detail.length, 500)
      }
    }))

  it.live("takes what cannot be read for an answer that did not come", () =>
    Effect.gen(function*() {
      const notJson = yield* failing((_, response) => response.end("<html>"))
      const tooLarge = yield* failing((_, response) => response.end(JSON.stringify("x".repeat(2_000))), {
        maxResponseBytes: 1_000
      })
      const cut = yield* failing((_, response) => {
        response.writeHead(200, { "content-length": 100 })
        response.write("{\"a\":", () => response.destroy())
      })
      const silent = yield* failing(() => undefined, { timeout: "50 millis" })
      const halfSilent = yield* failing((_, response) => void response.write("["), { timeout: "50 millis" })
      for (const failure of [notJson, tooLarge, cut, silent, halfSilent]) assert.strictEqual(failure.kind, "down")
      assert.include(tooLarge.detail, "larger than 1000 bytes")
      assert.include(silent.detail, "took longer than")
    }))

  it.live("sends the key to the server, and tells it to nobody", () =>
    Effect.gen(function*() {
      const seen: Array<string | undefined> = []
      const failure = yield* failing((request, response) => {
        seen.push(request.headers.authorization)
        response.writeHead(401).end()
      }, { apiKey: Redacted.make("k-1234") })
      assert.deepStrictEqual(seen, ["Bearer k-1234"])
      const refused = yield* Effect.flip(
        Effect.provide(
          Effect.flatMap(
            makeHttp({ url: new URL("http://me:pass@127.0.0.1:1/base/"), timeout: "5 seconds" }),
            (http) => Effect.asVoid(http.post("/x", { text: "our secret text" }))
          ),
          httpClient
        )
      )
      assert.include(refused.detail, "http://127.0.0.1:1/base/x")
      for (const told of [failure, refused].map((error) => JSON.stringify(error) + String(error))) {
        for (const secret of ["k-1234", "pass@", "our secret text"]) assert.notInclude(told, secret)
      }
    }))
})
