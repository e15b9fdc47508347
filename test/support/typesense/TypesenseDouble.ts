import { Clock, Effect, Redacted } from "effect"
import * as Http from "node:http"
import type { AddressInfo } from "node:net"
import { gunzipSync } from "node:zlib"
import { type Fault, Faults } from "./Faults.ts"
import { Journal } from "./Journal.ts"
import { Hang, Refusal } from "./Refusal.ts"
import { type Answer, Engine, refused, type Request } from "./routes.ts"

// A server that speaks Typesense's protocol as far as the search index needs it, in memory, with faults that can be switched on. It is held against
// answers of a real server in typesenseDouble.test.ts.

interface Options {
  /** 0 for any free port. */
  readonly port?: number
  readonly apiKey?: string
  /** Where writes are kept, if they are. A server that finds some reads them again while it answers, as the real one does. */
  readonly data?: string
  /** Waits so long before each write that it reads again. */
  readonly replayMillis?: number
}

/** Requests that a test can look at. */
const mostRemembered = 200

const forbidden = new Refusal(401, "Forbidden - a valid `x-typesense-api-key` header must be sent.")
const lagging = new Refusal(503, "Not Ready or Lagging")
const diskFull = new Refusal(422, "Rejecting write: running out of resource type: OUT_OF_DISK")

const pause = (millis: number) => new Promise<void>((resolve) => setTimeout(resolve, millis))
const turn = () => new Promise<void>((resolve) => setImmediate(resolve))

class Server {
  readonly faults = new Faults()
  /** The last requests, in order. */
  readonly requests: Array<{ readonly method: string; readonly url: string; readonly body: string }> = []
  private readonly engine = new Engine()
  private readonly apiKey: string
  private readonly clock: Clock.Clock
  private readonly journal: Journal | undefined
  private readonly replayed: Promise<void>
  private isReplaying = true
  readonly http: Http.Server

  constructor({ apiKey = "double", data, replayMillis = 0 }: Options, clock: Clock.Clock) {
    this.apiKey = apiKey
    this.clock = clock
    this.journal = data === undefined ? undefined : new Journal(data)
    this.replayed = this.replay(replayMillis).finally(() => {
      this.isReplaying = false
    })
    this.http = Http.createServer((request, response) => void this.serve(request, response))
  }

  private async replay(millis: number): Promise<void> {
    if (this.journal === undefined || this.journal.size() === 0) return
    for await (const { at, request } of this.journal.entries()) {
      await (millis > 0 ? pause(millis) : turn())
      this.engine.answer(request, at)
    }
  }

  private async serve(incoming: Http.IncomingMessage, response: Http.ServerResponse): Promise<void> {
    const chunks: Array<Buffer> = []
    try {
      for await (const chunk of incoming) chunks.push(chunk as Buffer)
    } catch {
      // The client went away; what it had not sent whole is not done.
      return
    }
    const raw = Buffer.concat(chunks)
    const body = (incoming.headers["content-encoding"] === "gzip" ? gunzipSync(raw) : raw).toString()
    const url = new URL(incoming.url ?? "/", "http://double")
    const method = incoming.method ?? "GET"
    const request: Request = { method, path: url.pathname, query: Object.fromEntries(url.searchParams), body }
    this.requests.push({ method, url: incoming.url ?? "/", body })
    if (this.requests.length > mostRemembered) this.requests.shift()
    const fault = this.faults.take(`${method} ${url.pathname}`)
    if (fault?.kind === "cut") return void incoming.socket.destroy()
    if (fault?.kind === "slow") await pause(fault.millis)
    try {
      const key = incoming.headers["x-typesense-api-key"] ?? url.searchParams.get("x-typesense-api-key")
      const answer = await this.answer(request, key === this.apiKey, fault)
      if (fault?.kind === "silent") return
      this.send(answer, response, fault)
    } catch (error) {
      if (!(error instanceof Hang)) response.destroy(error instanceof Error ? error : undefined)
    }
  }

  private async answer(request: Request, isKnown: boolean, fault: Fault | undefined): Promise<Answer> {
    const json = (body: object, status = 200): Answer => ({
      status,
      contentType: "application/json; charset=utf-8",
      body: JSON.stringify(body)
    })
    if (request.path === "/health") return fault?.kind === "behind" ? json({ ok: false }, 503) : json({ ok: true })
    if (!isKnown && /^\/(collections|aliases|multi_search|status|debug|metrics\.json)/.test(request.path)) {
      return refused(forbidden)
    }
    if (request.path === "/status") {
      return json({
        committed_index: 1,
        queued_writes: this.isReplaying || fault?.kind === "busy" ? 1 : 0,
        state: "LEADER"
      })
    }
    if (request.path === "/debug") return json({ state: 1, version: "29.0" })
    if (fault?.kind === "behind") return refused(lagging)
    if (!Engine.isWrite(request)) return this.engine.answer(request, this.clock.currentTimeMillisUnsafe())
    if (fault?.kind === "full") return refused(diskFull)
    // A write waits until everything before it has been read again.
    await this.replayed
    if (fault?.kind === "lines") return this.halfOfLines(request)
    return this.write(request)
  }

  private write(request: Request): Answer {
    const at = this.clock.currentTimeMillisUnsafe()
    this.journal?.append({ request, at })
    return this.engine.answer(request, at)
  }

  private halfOfLines(request: Request): Answer {
    const lines = request.body.split("\n")
    const answer = this.write({ ...request, body: lines.filter((_, i) => i % 2 === 0).join("\n") })
    const answers = answer.body.split("\n").values()
    const refusal = JSON.stringify({ code: 503, error: lagging.message, success: false })
    return { ...answer, body: lines.map((_, i) => i % 2 === 0 ? answers.next().value : refusal).join("\n") }
  }

  private send({ body, contentType, status }: Answer, response: Http.ServerResponse, fault: Fault | undefined): void {
    const bytes = Buffer.from(body)
    response.writeHead(status, { "content-type": contentType, "content-length": bytes.length })
    if (fault?.kind !== "half") {
      response.end(bytes)
      return
    }
    response.write(bytes.subarray(0, bytes.length >> 1), () => response.destroy())
  }

  close(): Promise<void> {
    this.http.closeAllConnections()
    return new Promise<void>((resolve) => this.http.close(() => resolve())).then(() => this.journal?.close())
  }
}

/** Starts one that is stopped with the scope. */
export const start = Effect.fn("TypesenseDouble.start")(function*(options: Options = {}) {
  const apiKey = options.apiKey ?? "double"
  const clock = yield* Clock.Clock
  const server = yield* Effect.acquireRelease(
    Effect.sync(() => new Server({ ...options, apiKey }, clock)),
    (server) => Effect.promise(() => server.close())
  )
  yield* Effect.callback<void>((resume) => {
    server.http.listen(options.port ?? 0, "127.0.0.1", () => resume(Effect.void))
  })
  const { port } = server.http.address() as AddressInfo
  return {
    apiKey: Redacted.make(apiKey),
    faults: server.faults,
    requests: server.requests,
    url: new URL(`http://127.0.0.1:${port}`)
  }
})
