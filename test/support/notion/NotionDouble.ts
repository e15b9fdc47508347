import { Clock, Effect, Redacted } from "effect"
import * as Http from "node:http"
import type { AddressInfo } from "node:net"
import { Faults } from "../typesense/Faults.ts"
import { type Answer, answer } from "./routes.ts"
import { errorShape, type Signer, timeText } from "./shapes.ts"
import { type Json, Workspace } from "./Workspace.ts"

// A server that speaks Notion's API, as much of it as it takes to read a workspace, from a model in memory, with faults that can be
// switched on. It is held against recorded answers of Notion in notionDouble.test.ts.

type Fault =
  /** The connection is cut before any answer. */
  | { readonly kind: "cut" }
  /** Never answered. */
  | { readonly kind: "silent" }
  /** Only half of the answer arrives, and the connection ends as if it were whole. */
  | { readonly kind: "half" }
  /** A list that promises more and does not say where. */
  | { readonly kind: "lost" }
  /** Something else happens before the answer is made. */
  | { readonly kind: "meanwhile"; readonly run: () => Promise<unknown> }
  /** Whatever else Notion may answer. A text goes as it is. */
  | {
    readonly kind: "answer"
    readonly status: number
    readonly headers?: Readonly<Record<string, string>>
    readonly body: Json
  }

interface Seen {
  /** Of the double's clock. */
  readonly at: number
  /** Like `GET /v1/users/me`, with its query. */
  readonly request: string
}

interface Options {
  /** Items of one answer at the most. Default 100, as of Notion. */
  readonly pageSize?: number
}

class Server {
  readonly faults = new Faults<Fault>()
  readonly requests: Array<Seen> = []
  readonly workspace: Workspace
  readonly http: Http.Server
  url = new URL("http://127.0.0.1")
  private readonly most: number
  private readonly clock: Clock.Clock
  private signatures = 0

  constructor({ pageSize = 100 }: Options, clock: Clock.Clock) {
    this.most = pageSize
    this.clock = clock
    this.workspace = new Workspace(() => clock.currentTimeMillisUnsafe())
    this.http = Http.createServer((request, response) => void this.serve(request, response))
  }

  private readonly sign: Signer = (name) => ({
    url: `${this.url.origin}/files/${encodeURIComponent(name)}?X-Amz-Signature=${this.signatures++}`,
    expiry_time: timeText(this.clock.currentTimeMillisUnsafe() + 3_600_000)
  })

  private async serve(incoming: Http.IncomingMessage, response: Http.ServerResponse): Promise<void> {
    const chunks: Array<Buffer> = []
    try {
      for await (const chunk of incoming) chunks.push(chunk as Buffer)
    } catch {
      // The client went away.
      return
    }
    const url = new URL(incoming.url ?? "/", this.url)
    const request = `${incoming.method} ${url.pathname}${url.search}`
    this.requests.push({ at: this.clock.currentTimeMillisUnsafe(), request })
    const fault = this.faults.take(request)
    if (fault?.kind === "cut") return void incoming.socket.destroy()
    if (fault?.kind === "silent") return
    if (fault?.kind === "meanwhile") await fault.run()
    if (fault?.kind === "answer") return send(response, fault)
    if (url.pathname.startsWith("/files/")) return this.sendFile(decodeURIComponent(url.pathname.slice(7)), response)
    const [token = "", integration] = incoming.headers.authorization?.replace("Bearer ", "").split(".") ?? []
    const body: unknown = chunks.length === 0 ? {} : JSON.parse(Buffer.concat(chunks).toString())
    const made = this.workspace.tokens.has(token)
      ? answer(this.workspace, {
        method: incoming.method ?? "GET",
        integration,
        path: url.pathname.replace("/v1/", ""),
        query: Object.fromEntries(url.searchParams),
        // Bodies of our client are objects.
        body: body as Readonly<Record<string, unknown>>
      }, { most: this.most, sign: this.sign })
      : { status: 401, body: errorShape(401, "unauthorized", "API token is invalid.") }
    send(response, fault?.kind === "lost" ? lost(made) : made, fault?.kind === "half")
  }

  private sendFile(name: string, response: Http.ServerResponse): void {
    const file = this.workspace.files.get(name)
    response.writeHead(file === undefined ? 404 : 200, { "content-type": file?.mediaType ?? "application/xml" })
    response.end(file?.bytes ?? "<Error><Code>AccessDenied</Code></Error>")
  }

  close(): Promise<void> {
    this.http.closeAllConnections()
    return new Promise<void>((resolve) => this.http.close(() => resolve()))
  }
}

const lost = ({ body, ...answer }: Answer): Answer => ({
  ...answer,
  body: { ...body as { readonly [key: string]: Json }, has_more: true, next_cursor: null }
})

const send = (response: Http.ServerResponse, { body, headers = {}, status }: Answer, half = false): void => {
  const text = typeof body === "string" ? body : JSON.stringify(body)
  response.writeHead(status, { "content-type": "application/json; charset=utf-8", ...headers })
  response.end(half ? text.slice(0, text.length / 2) : text)
}

/** Starts one that is stopped with the scope. */
export const start = Effect.fn("NotionDouble.start")(function*(options: Options = {}) {
  const clock = yield* Clock.Clock
  const server = yield* Effect.acquireRelease(
    Effect.sync(() => new Server(options, clock)),
    (server) => Effect.promise(() => server.close())
  )
  yield* Effect.callback<void>((resume) => {
    server.http.listen(0, "127.0.0.1", () => resume(Effect.void))
  })
  server.url = new URL(`http://127.0.0.1:${(server.http.address() as AddressInfo).port}`)
  return {
    url: server.url,
    token: Redacted.make("ntn_double"),
    workspace: server.workspace,
    faults: server.faults,
    requests: server.requests
  }
})
