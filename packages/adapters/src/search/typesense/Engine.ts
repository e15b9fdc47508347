import { Clock, Duration, Effect, Redacted, Result, Schedule, Schema, Stream } from "effect"
import { HttpClient, HttpClientRequest, type HttpClientResponse } from "effect/http"
import { Client, Errors } from "typesense"
import { Failure, malformed } from "./Failure.ts"
import type { Options } from "./options.ts"

type Method = "GET" | "POST" | "PATCH" | "DELETE"

interface Call {
  readonly method: Method
  readonly path: string
  readonly query?: Readonly<Record<string, string>>
  readonly body?: string
}

export type Search = Readonly<Record<string, string | number | boolean>>

const Health = Schema.Struct({ ok: Schema.Boolean })
const Status = Schema.Struct({ queued_writes: Schema.Finite })
const Found = Schema.Struct({ results: Schema.Array(Schema.Unknown) })
const Message = Schema.Struct({ message: Schema.String })

const decodeHealth = Schema.decodeUnknownEffect(Schema.fromJsonString(Health))
const decodeStatus = Schema.decodeUnknownEffect(Schema.fromJsonString(Status))
const decodeFound = Schema.decodeUnknownEffect(Found)
const decodeMessage = Schema.decodeUnknownEffect(Schema.fromJsonString(Message))

/** The code of what an HTTP library threw, or of what is behind it. Never its sentence, which may quote the key. */
const codeOf = (thrown: unknown): string | undefined => {
  if (!(thrown instanceof Error)) return undefined
  const code: unknown = "code" in thrown ? thrown.code : undefined
  return typeof code === "string" ? code : codeOf(thrown.cause)
}

const ofClient = (thrown: unknown): Failure => {
  const answered = thrown instanceof Errors.TypesenseError && thrown.httpStatus !== undefined ? thrown : undefined
  if (answered === undefined) {
    return new Failure({ status: undefined, message: `no answer: ${codeOf(thrown) ?? "the request failed"}` })
  }
  // The client puts a sentence of its own before the server's.
  const message = answered.message.replace(/^Request failed with HTTP code \d+ \| Server said: /, "")
  return new Failure({ status: answered.httpStatus, message })
}

/**
 * The servers behind the index, asked one at a time: the next is asked where one does not answer or is not ready. Every request
 * has a time limit and ends when its caller is interrupted.
 */
export const make = Effect.fnUntraced(function*(options: Options) {
  const http = yield* HttpClient.HttpClient
  const key = Redacted.value(options.apiKey)
  const nodes = options.urls.map((url) => ({
    url: url.href.replace(/\/$/, ""),
    client: new Client({
      nodes: [{ url: url.href.replace(/\/$/, "") }],
      apiKey: key,
      connectionTimeoutSeconds: Duration.toSeconds(options.timeouts.write),
      // Who is asked next, and when, is decided here.
      numRetries: 0,
      // To pack hits and unpack them again takes longer than to send them as they are.
      additionalHeaders: { "Accept-Encoding": "identity" },
      logLevel: "silent"
    })
  }))
  type Node = typeof nodes[number]

  let current = 0
  /** Whether searches may go on; false until a server was looked at, and again after each outage. */
  let isTrusted = false
  /** Whether that server had done all that it was ever told. */
  let isCaughtUp = false
  /** When a healthy server with writes in its queue was first seen since the last outage. */
  let behindSince: number | undefined

  /** Requests under way at the same time fail together: only the first of them moves on. */
  const doubt = (failed: Node) =>
    Effect.sync(() => {
      if (nodes[current] !== failed) return
      isTrusted = false
      isCaughtUp = false
      behindSince = undefined
      current = (current + 1) % nodes.length
    })

  const limited = <A>(effect: Effect.Effect<A, Failure>, limit: Duration.Duration): Effect.Effect<A, Failure> =>
    Effect.timeoutOrElse(effect, {
      duration: limit,
      orElse: () => Effect.fail(new Failure({ status: undefined, message: `no answer in ${Duration.format(limit)}` }))
    })

  const attempt = <A>(
    limit: Duration.Duration,
    run: (node: Node) => Effect.Effect<A, Failure>
  ): Effect.Effect<A, Failure> =>
    Effect.suspend(() => {
      const node = nodes[current]!
      return Effect.tapError(limited(run(node), limit), (failure) => failure.isOutage ? doubt(node) : Effect.void)
    })

  const retried = <A>(effect: Effect.Effect<A, Failure>): Effect.Effect<A, Failure> =>
    Effect.retry(effect, { times: nodes.length - 1, while: (failure) => failure.isOutage })

  /** Asks the current server, and where it is down the others. */
  const ask = <A>(
    limit: Duration.Duration,
    run: (node: Node) => Effect.Effect<A, Failure>
  ): Effect.Effect<A, Failure> => retried(attempt(limit, run))

  const fetchOne = (node: Node, { body, method, path, query = {} }: Call) =>
    http.execute(
      HttpClientRequest.make(method)(`${node.url}${path}`).pipe(
        HttpClientRequest.setUrlParams(query),
        HttpClientRequest.setHeader("x-typesense-api-key", key),
        body === undefined ? (request) => request : HttpClientRequest.bodyText(body)
      )
    ).pipe(Effect.mapError((error) => new Failure({ status: undefined, message: noRequest(error) })))

  const textOf = (response: HttpClientResponse.HttpClientResponse): Effect.Effect<string, Failure> =>
    Effect.gen(function*() {
      const text = yield* Effect.mapError(response.text, () => malformed("the answer ended early"))
      if (response.status < 400) return text
      const { message } = yield* Effect.orElseSucceed(decodeMessage(text), () => ({ message: text.slice(0, 200) }))
      return yield* new Failure({ status: response.status, message })
    })

  /** The text of an answer. */
  const call = (request: Call, limit: Duration.Duration): Effect.Effect<string, Failure> =>
    ask(limit, (node) => Effect.flatMap(fetchOne(node, request), textOf))

  /** Calls of the client that cannot be aborted: the client's own time limit ends them. */
  const manage = <A>(run: (client: Client) => Promise<A>): Effect.Effect<A, Failure> =>
    ask(options.timeouts.write, ({ client }) => Effect.tryPromise({ try: () => run(client), catch: ofClient }))

  /** Writes in the queue of a server that is healthy. */
  const queueOf = (node: Node): Effect.Effect<number, Failure> =>
    Effect.gen(function*() {
      const read = (path: string) => Effect.flatMap(fetchOne(node, { method: "GET", path }), textOf)
      const { ok } = yield* Effect.flatMap(read("/health"), decodeHealth)
      if (!ok) return yield* new Failure({ status: 503, message: "not ready" })
      return (yield* Effect.flatMap(read("/status"), decodeStatus)).queued_writes
    }).pipe(
      Effect.catchTag("SchemaError", () => Effect.fail(malformed("health"))),
      (queue) => limited(queue, options.timeouts.search)
    )

  /** A server that is healthy, from the current one on; one without a queue before one with. */
  const healthiest = Effect.gen(function*() {
    const queues: Array<{ readonly node: number; readonly queued: number }> = []
    let failure = new Failure({ status: undefined, message: "no answer" })
    for (let i = 0; i < nodes.length; i++) {
      const node = (current + i) % nodes.length
      const queued = yield* Effect.result(queueOf(nodes[node]!))
      if (Result.isSuccess(queued)) queues.push({ node, queued: queued.success })
      else failure = queued.failure
      if (Result.isSuccess(queued) ? queued.success === 0 : !failure.isOutage) break
    }
    return queues.find(({ queued }) => queued === 0) ?? queues[0] ?? (yield* failure)
  })

  /**
   * After a start the server is healthy long before it has read its log again: until then it misses entries, and shows deleted ones. Its
   * queue is empty when it has; but a server that is written to all the time always has one.
   */
  const lookAround = (takesAny: boolean): Effect.Effect<void, Failure> =>
    Effect.gen(function*() {
      const { node, queued } = yield* healthiest
      const now = yield* Clock.currentTimeMillis
      if (queued > 0) behindSince ??= now
      if (queued > 0 && !takesAny) {
        return yield* new Failure({ status: 503, message: `not ready: ${queued} writes are queued` })
      }
      current = node
      isTrusted = true
      isCaughtUp = queued === 0
    })

  const waiting = (looking: Effect.Effect<void, Failure>) =>
    Effect.retry(looking, {
      schedule: Schedule.spaced("50 millis").pipe(Schedule.upTo({ duration: options.timeouts.ready })),
      while: ({ isOutage }) => isOutage
    })

  /** Waits for a server that is healthy and knows all that it was told. */
  const ready: Effect.Effect<void, Failure> = waiting(lookAround(false))

  /** The same, but one wait after an outage is enough: then a server will do that is healthy. */
  const settled = Effect.gen(function*() {
    const now = yield* Clock.currentTimeMillis
    const hasWaited = behindSince !== undefined && now - behindSince >= Duration.toMillis(options.timeouts.ready)
    if (!hasWaited) yield* Effect.catchIf(ready, ({ isOutage }) => isOutage, () => lookAround(true))
    else yield* waiting(lookAround(true))
  })

  /** A server answers and is healthy, whether or not it is behind with what it was told. */
  const alive = Effect.asVoid(call({ method: "GET", path: "/health" }, options.timeouts.search))

  /** Asks first where an outage may have been. */
  const trusted = Effect.suspend(() => isTrusted ? Effect.void : settled)

  /** Whether what the server does not have can be believed to be nowhere. */
  const knowsAll = Effect.sync(() => isCaughtUp)

  /** Answers as many results as searches; one that the server could not do is the failure of all. */
  const multiSearch = (searches: ReadonlyArray<Search>): Effect.Effect<ReadonlyArray<unknown>, Failure> => {
    const search = ({ client }: Node) =>
      Effect.tryPromise({
        // No common parameters: the client puts them into the query string, where they win over the body.
        try: (abortSignal) =>
          client.multiSearch.perform<Array<object>>({ searches: [...searches] }, {}, { abortSignal }),
        catch: ofClient
      }).pipe(
        Effect.flatMap((answer) => Effect.mapError(decodeFound(answer), () => malformed("a search's answer"))),
        Effect.flatMap(({ results }) =>
          results.length === searches.length ? Effect.succeed(results) : Effect.fail(malformed("too few results"))
        )
      )
    // Another server may be reading its log: what it does not know yet would be missing. And others may have moved on to it just now.
    const once: Effect.Effect<ReadonlyArray<unknown>, Failure> = Effect.suspend(() =>
      isTrusted ? attempt(options.timeouts.search, search) : Effect.andThen(settled, once)
    )
    return retried(once)
  }

  /** Lines of a whole collection. Each piece of the answer has the time limit of a write. */
  const exportLines = (collection: string, query: Call["query"] = {}): Stream.Stream<string, Failure> => {
    const silent = () => new Failure({ status: undefined, message: "an export stopped half-way" })
    return Stream.unwrap(
      ask(
        options.timeouts.write,
        (node) => fetchOne(node, { method: "GET", path: `${documentsOf(collection)}/export`, query })
      )
        .pipe(
          Effect.flatMap((response) =>
            response.status < 400 ? Effect.succeed(response.stream) : Effect.as(textOf(response), response.stream)
          )
        )
    ).pipe(
      Stream.mapError((error) => error._tag === "TypesenseFailure" ? error : silent()),
      Stream.timeoutOrElse({ duration: options.timeouts.write, orElse: () => Stream.fail(silent()) }),
      Stream.decodeText,
      Stream.splitLines,
      Stream.filter((line) => line !== "")
    )
  }

  return { alive, call, exportLines, knowsAll, manage, multiSearch, ready, trusted }
})

export type Engine = Effect.Success<ReturnType<typeof make>>

/** Only why: the request that the error names carries the key, and so may the sentence. */
const noRequest = (error: { readonly reason: { readonly _tag: string; readonly cause?: unknown } }): string =>
  `no answer: ${codeOf(error.reason.cause) ?? error.reason._tag}`

/** A collection's documents. Names are made of letters, digits, `_` and `-`, so they need no escaping. */
export const documentsOf = (collection: string): string => `/collections/${collection}/documents`
