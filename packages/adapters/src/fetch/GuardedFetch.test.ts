import { assert, it } from "@effect/vitest"
import { Clock, Effect, Exit, Stream } from "effect"
import * as Http from "node:http"
import * as Https from "node:https"
import type { AddressInfo } from "node:net"
import { GuardedFetch, layer, type Options } from "./GuardedFetch.ts"
import { certificate, key } from "./testCertificate.ts"

const live = Effect.provideService(Clock.Clock, Clock.Clock.defaultValue())

type Handler = (request: Http.IncomingMessage, response: Http.ServerResponse) => void

/** A server on an address of the loopback interface, and what it was asked for. */
const serve = Effect.fnUntraced(function*(handler: Handler, options: { host?: string; secure?: boolean } = {}) {
  const asked: Array<Http.IncomingMessage> = []
  const listener: Handler = (request, response) => {
    asked.push(request)
    handler(request, response)
  }
  const server = yield* Effect.acquireRelease(
    Effect.callback<Http.Server>((resume) => {
      const made = options.secure === true
        ? Https.createServer({ key, cert: certificate }, listener)
        : Http.createServer(listener)
      made.listen(0, options.host ?? "127.0.0.1", () => resume(Effect.succeed(made)))
    }),
    (server) => Effect.sync(() => (server.closeAllConnections(), server.close()))
  )
  // The port of a server that listens on TCP.
  const { port } = server.address() as AddressInfo
  return { asked, port, url: `http://127.0.0.1:${port}/` }
})

const open = { allow: ["127.0.0.1"] }

/** The whole text behind a URL. */
const read = (url: string, options: Options, maxBytes = 1_000) =>
  Effect.gen(function*() {
    const fetcher = yield* GuardedFetch
    const fetched = yield* fetcher.get(url, { maxBytes })
    const text = yield* fetched.bytes.pipe(Stream.decodeText, Stream.mkString)
    return { ...fetched, text }
  }).pipe(Effect.scoped, Effect.provide(layer(options)), live)

/** Waits until whoever asked has closed the connection. */
const hangUp = ({ socket }: Http.IncomingMessage) =>
  Effect.callback<void>((resume) => {
    if (socket.destroyed) resume(Effect.void)
    else socket.once("close", () => resume(Effect.void))
  })

const tagOf = (url: string, options: Options, maxBytes?: number) =>
  Effect.map(Effect.flip(read(url, options, maxBytes)), (error) => error._tag)

it.effect("fetches, through redirects, without saying who asks", () =>
  Effect.gen(function*() {
    const { asked, url } = yield* serve((request, response) => {
      if (request.url === "/") return response.writeHead(302, { location: "/there?x=1" }).end("ignored")
      return response.writeHead(200, { "content-type": "Text/Markdown; charset=utf-8" }).end("# hello")
    })
    const { mediaType, text, url: last } = yield* read(url, open)
    assert.deepStrictEqual([text, mediaType, last], ["# hello", "text/markdown", `${url}there?x=1`])
    assert.hasAllKeys(asked[1]!.headers, ["host", "user-agent", "accept", "accept-encoding", "connection"])
  }))

it.effect("refuses what is not in the public internet, however it is written", () =>
  Effect.gen(function*() {
    const { asked, port } = yield* serve((_, response) => response.end("secret"))
    const hosts = [
      "127.0.0.1",
      "127.1",
      "2130706433",
      "0x7f000001",
      "0177.0.0.1",
      "0x7f.0.0.1",
      "0",
      "localhost",
      "127.0.0.1.",
      "%31%32%37.0.0.1",
      "①②⑦.0.0.1",
      "[::1]",
      "[::ffff:127.0.0.1]",
      "[::ffff:7f00:1]",
      "[0:0:0:0:0:ffff:127.0.0.1]",
      "169.254.169.254",
      "[fd00:ec2::254]",
      "10.0.0.1"
    ]
    for (const host of hosts) assert.strictEqual(yield* tagOf(`http://${host}:${port}/`, {}), "UrlRefused", host)
    const urls = [
      "file:///etc/passwd",
      "ftp://example.com/a",
      "gopher://example.com",
      "data:text/plain,hello",
      "javascript:1",
      "//example.com",
      "http://",
      "",
      "http://user:password@example.com/",
      "http://example.com:22/",
      "https://example.com:25/"
    ]
    for (const url of urls) {
      assert.strictEqual(yield* tagOf(url, { resolve: async () => ["93.184.216.34"] }), "UrlRefused", url)
    }
    assert.lengthOf(asked, 0)
  }))

it.effect("looks at every redirect as at the first address", () =>
  Effect.gen(function*() {
    const inner = yield* serve((_, response) => response.end("secret"), { host: "127.0.0.2" })
    const targets = [
      `http://127.0.0.2:${inner.port}/`,
      `//127.0.0.2:${inner.port}/`,
      `http://inner.example:${inner.port}/`,
      "file:///etc/passwd",
      "http://a:b@127.0.0.1/"
    ]
    const outer = yield* serve((request, response) =>
      response.writeHead(307, { location: targets[Number(request.url!.slice(1))]! }).end()
    )
    const options = { ...open, resolve: async () => ["127.0.0.1", "127.0.0.2"] }
    for (const index of targets.keys()) {
      assert.strictEqual(yield* tagOf(`${outer.url}${index}`, options), "UrlRefused", targets[index])
    }
    assert.lengthOf(inner.asked, 0)
  }))

it.effect("connects to the address that was checked, whatever the name means a moment later", () =>
  Effect.gen(function*() {
    const inner = yield* serve((_, response) => response.end("secret"), { host: "127.0.0.2" })
    const outer = yield* serve((request, response) =>
      request.url === "/" ? response.end("public") : response.writeHead(302, { location: "/" }).end()
    )
    let looked = 0
    const resolve = async () => [looked++ === 0 ? "127.0.0.1" : "127.0.0.2"]
    const { text } = yield* read(`http://rebinding.example:${outer.port}/`, { ...open, resolve })
    assert.deepStrictEqual([text, looked], ["public", 1])
    assert.strictEqual(outer.asked[0]!.headers.host, `rebinding.example:${outer.port}`)
    looked = 0
    // The same name again, after a redirect: looked up anew, and refused.
    assert.strictEqual(yield* tagOf(`http://rebinding.example:${outer.port}/again`, { ...open, resolve }), "UrlRefused")
    assert.deepStrictEqual([looked, inner.asked.length], [2, 0])
  }))

it.effect("ends with the first byte too many, announced or not", () =>
  Effect.gen(function*() {
    let sent = 0
    const endless = yield* serve((_, response) => {
      const piece = Buffer.alloc(64 * 1024)
      const more = () => {
        while (!response.destroyed && response.write(piece)) sent += piece.length
      }
      response.on("drain", more)
      more()
    })
    const announced = yield* serve((_, response) => response.writeHead(200, { "content-length": "100000" }).end())
    assert.strictEqual(yield* tagOf(endless.url, open, 1_000_000), "FetchTooLarge")
    assert.isBelow(sent, 30_000_000)
    assert.strictEqual(yield* tagOf(announced.url, open, 99_999), "FetchTooLarge")
    const exact = yield* serve((_, response) => response.end("x".repeat(1_000)))
    assert.lengthOf((yield* read(exact.url, open, 1_000)).text, 1_000)
  }))

it.effect("says whether another attempt may help", () =>
  Effect.gen(function*() {
    const { port, url } = yield* serve((request, response) => {
      const status = Number(request.url!.slice(1))
      if (status === 1) return response.socket!.destroy()
      if (status === 2) {
        return response.writeHead(200, { "content-length": "10" }).write("half", () => response.destroy())
      }
      if (status === 3) return response.writeHead(302, { location: "/3" }).end()
      if (status === 4) return response.writeHead(200, { "content-encoding": "gzip" }).end()
      return response.writeHead(status).end()
    })
    const outcome = (path: string) =>
      Effect.map(Effect.flip(read(`${url}${path}`, open)), (error) => "isRetryable" in error && error.isRetryable)
    for (const path of ["500", "503", "429", "408", "1", "2"]) assert.isTrue(yield* outcome(path), path)
    for (const path of ["404", "403", "204", "3", "4"]) assert.isFalse(yield* outcome(path), path)
    const nobody = yield* Effect.flip(read(`http://nobody.example:${port}/`, {
      ...open,
      resolve: () => Promise.reject(new Error("10.0.0.53 does not know it"))
    }))
    assert.notInclude(nobody.message, "10.0.0.53")
  }))

it.effect("waits for nobody who is slow, and hangs up when the scope closes", () =>
  Effect.gen(function*() {
    const silent = yield* serve(() => {})
    const trickle = yield* serve((_, response) => {
      const timer = setInterval(() => response.write("."), 20)
      response.on("close", () => clearInterval(timer))
    })
    assert.strictEqual(yield* tagOf(silent.url, { ...open, idleTimeout: "100 millis" }), "FetchFailed")
    assert.strictEqual(yield* tagOf(trickle.url, { ...open, timeout: "300 millis" }, 1_000_000), "FetchFailed")
    const hung = yield* serve((request, response) => {
      request.socket.on("close", () => response.emit("hung up"))
      response.write("first")
    })
    const first = yield* Effect.gen(function*() {
      const { bytes } = yield* (yield* GuardedFetch).get(hung.url, { maxBytes: 100 })
      return yield* Stream.runCollect(Stream.take(bytes, 1))
    }).pipe(Effect.scoped, Effect.provide(layer(open)), live)
    assert.lengthOf(first, 1)
    yield* hangUp(hung.asked[0]!)
  }))

it.effect("does not wait for a server that wants to speak another protocol, or none", () =>
  Effect.gen(function*() {
    const answers = [
      "HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n",
      "HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: h2c\r\nContent-Length: 5\r\n\r\nhello",
      "HTTP/1.1 101 Switching Protocols\r\n\r\n"
    ]
    for (const answer of answers) {
      const { asked, url } = yield* serve((request) => request.socket.write(answer))
      // The server keeps the connection open: whoever waits for more waits for ever.
      const error = yield* Effect.flip(read(url, { ...open, idleTimeout: "1 second" })).pipe(
        Effect.timeout("5 seconds"),
        live
      )
      assert.strictEqual(error._tag, "FetchFailed", answer)
      yield* hangUp(asked[0]!)
    }
    const upgraded = yield* serve((request) => request.socket.write(answers[0]!))
    const error = yield* Effect.flip(read(upgraded.url, open))
    assert.deepInclude(error, { _tag: "FetchFailed", isRetryable: false })
  }))

it.effect("believes a certificate for the name, not for the address", () =>
  Effect.gen(function*() {
    const secure = yield* serve((_, response) => response.end("sealed"), { secure: true })
    const options = { ...open, ca: certificate, resolve: async () => ["127.0.0.1"] }
    const { text } = yield* read(`https://files.example:${secure.port}/`, options)
    assert.strictEqual(text, "sealed")
    for (const host of ["other.example", "127.0.0.1"]) {
      const error = yield* Effect.flip(read(`https://${host}:${secure.port}/`, options))
      assert.include(error.message, "certificate", host)
    }
    const unknown = yield* Effect.exit(read(`https://files.example:${secure.port}/`, { ...options, ca: undefined! }))
    assert.isTrue(Exit.isFailure(unknown))
  }))

it.effect("says of an address, without asking anybody, that nothing would ever be sent there", () =>
  Effect.gen(function*() {
    const check = (url: string, options: Options = {}) =>
      Effect.gen(function*() {
        return yield* (yield* GuardedFetch).check(url)
      }).pipe(
        Effect.match({ onFailure: ({ detail }) => detail, onSuccess: () => null }),
        Effect.provide(layer(options))
      )
    assert.isNull(yield* check("https://nobody.example/hook"))
    assert.isNull(yield* check("https://[2606:4700::1]/hook"))
    for (const host of ["10.0.0.1", "127.1", "0x7f000001", "[::1]", "localhost", "app.localhost."]) {
      assert.include(yield* check(`https://${host}/`), "not in the public internet", host)
    }
    for (const url of ["ftp://example.com", "https://a:b@example.com", "https://example.com:25/", "nothing"]) {
      assert.isNotNull(yield* check(url), url)
    }
    const inner = { allow: ["10.1.0.0/16"] }
    assert.strictEqual(yield* check("http://example.com/"), "it has to be https")
    assert.strictEqual(yield* check("http://93.184.216.34/", inner), "it has to be https")
    assert.isNull(yield* check("http://10.1.2.3:8080/", inner))
    assert.isNull(yield* check("http://inner.example/", { webhooksOverHttp: true }))
  }))

it.effect("of an answer that only its beginning is looked at, no more is read", () =>
  Effect.gen(function*() {
    const { asked, url } = yield* serve((_, response) => {
      const more = () => {
        while (!response.destroyed && response.write(Buffer.alloc(1_024, 120))) { /* until it is full */ }
      }
      response.on("drain", more)
      more()
    })
    const { body, status } = yield* post(url, open, { maxBytes: 1_500, cutsAnswer: true })
    assert.deepStrictEqual([body.length, status], [1_500, 200])
    yield* hangUp(asked[0]!)
  }))

const post = (
  url: string,
  options: Options,
  { timeout = 5_000, ...more }: { maxBytes?: number; timeout?: number; cutsAnswer?: boolean } = {}
) =>
  Effect.gen(function*() {
    const fetcher = yield* GuardedFetch
    return yield* fetcher.post(url, {
      body: new TextEncoder().encode("{}"),
      headers: { "content-type": "application/json", "x-mine": "1" },
      maxBytes: 1_000,
      ...more,
      timeout
    })
  }).pipe(Effect.provide(layer(options)), live)

it.effect("a message is sent with its headers, and any answer is told", () =>
  Effect.gen(function*() {
    const { asked, url } = yield* serve((request, response) => {
      const pieces: Array<Buffer> = []
      request.on("data", (piece: Buffer) => pieces.push(piece))
      request.on("end", () => response.writeHead(503, { "retry-after": "7" }).end(Buffer.concat(pieces)))
    })
    const { body, ...answer } = yield* post(url, open)
    assert.deepStrictEqual(answer, { status: 503, retryAfterMs: 7_000 })
    assert.strictEqual(new TextDecoder().decode(body), "{}")
    assert.strictEqual(asked[0]?.method, "POST")
    assert.strictEqual(asked[0]?.headers["x-mine"], "1")
  }))

it.effect("a message goes to no inner address, through no redirect, and its answer is bounded in bytes and time", () =>
  Effect.gen(function*() {
    const inner = yield* serve((_request, response) => response.end("secret"))
    assert.strictEqual((yield* Effect.flip(post(inner.url, {})))._tag, "UrlRefused")
    const { url } = yield* serve((request, response) => {
      if (request.url === "/long") return response.end("x".repeat(2_000))
      if (request.url === "/never") return undefined
      return response.writeHead(307, { location: inner.url }).end()
    })
    assert.strictEqual((yield* post(url, open)).status, 307)
    assert.lengthOf(inner.asked, 0)
    assert.strictEqual((yield* Effect.flip(post(`${url}long`, open)))._tag, "FetchTooLarge")
    const late = yield* Effect.flip(post(`${url}never`, open, { timeout: 50 }))
    assert.deepInclude(late, { _tag: "FetchFailed", isRetryable: true })
  }))
