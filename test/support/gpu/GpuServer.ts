import { Effect, Schema } from "effect"
import { createServer, type IncomingMessage, type ServerResponse } from "node:http"
import { Faults } from "./Faults.ts"
import { tokensOf } from "./language.ts"
import * as Protocols from "./protocols.ts"

export interface GpuOptions {
  /** Default 0: any that is free. */
  readonly port?: number
  readonly model?: Partial<Protocols.Model>
  /** Milliseconds that the model works on one batch. Default 0. */
  readonly latency?: number
  /** Batches that it works on at once; others wait. Default 4. */
  readonly parallel?: number
  readonly tokenizer?: Protocols.TokenizerKind
  /** Knows vectors in numbers only, as some OpenAI-compatible servers do. */
  readonly numbersOnly?: boolean
  /** Asked of every request. */
  readonly apiKey?: string
}

/** A request as it came. */
interface Received {
  readonly path: string
  /** Texts in it. */
  readonly texts: ReadonlyArray<string>
  readonly status: number
}

const defaultModel: Protocols.Model = {
  name: "test/words-384",
  dimension: 384,
  maxTokens: 128,
  maxItems: 32,
  maxBatchTokens: 16_384
}

const decodeFaults = Schema.decodeUnknownSync(Schema.fromJsonString(Faults))

/** As many at once as there are permits; the rest in the order they came. */
const makePermits = (count: number) => {
  let free = count
  const line: Array<() => void> = []
  const take = () => new Promise<void>((resolve) => free > 0 ? (free--, resolve()) : void line.push(resolve))
  const give = () => {
    const next = line.shift()
    if (next === undefined) free++
    else next()
  }
  return { take, give }
}

const pause = (ms: number) => new Promise<void>((resolve) => void setTimeout(resolve, ms))

const readBody = async (request: IncomingMessage): Promise<string> => {
  const chunks: Array<Buffer> = []
  for await (const chunk of request) chunks.push(chunk as Buffer)
  return Buffer.concat(chunks).toString("utf8")
}

const property = (value: unknown, key: string): unknown =>
  typeof value === "object" && value !== null ? Reflect.get(value, key) : undefined

const strings = (value: unknown): ReadonlyArray<string> =>
  typeof value === "string"
    ? [value]
    : Array.isArray(value)
    ? value.filter((item) => typeof item === "string")
    : []

const send = (response: ServerResponse, { body, status }: Protocols.Answer, headers: Record<string, string> = {}) => {
  const text = typeof body === "string" ? body : JSON.stringify(body)
  response.writeHead(status, {
    "content-type": typeof body === "string" ? "text/plain" : "application/json",
    "content-length": Buffer.byteLength(text),
    ...headers
  })
  response.end(text)
}

/** Announces a whole answer and breaks off in its middle. */
const sendHalf = (response: ServerResponse, { body, status }: Protocols.Answer) => {
  const text = JSON.stringify(body)
  response.writeHead(status, { "content-type": "application/json", "content-length": Buffer.byteLength(text) })
  response.write(text.slice(0, Math.floor(text.length / 2)), () => response.destroy())
}

/** A GPU worker that needs no GPU: Text Embeddings Inference and OpenAI's interface at one address, with faults to order. */
export const makeGpu = (options: GpuOptions = {}) => {
  const first: Protocols.Model = { ...defaultModel, ...options.model }
  const kind = options.tokenizer ?? "vllm"
  const permits = makePermits(options.parallel ?? 4)
  const received: Array<Received> = []
  let faults: Faults = {}
  let left = Number.POSITIVE_INFINITY
  let working = 0
  let mostAtOnce = 0
  let abandoned = 0

  const setFaults = (next: Faults) => {
    faults = next
    left = next.times ?? Number.POSITIVE_INFINITY
  }

  /** The model at work, and what it is called. */
  const model = () => ({ ...first, name: faults.model?.name ?? first.name })
  const announced = () => faults.model?.silently === true ? first : model()

  const isPoisoned = (text: string) => faults.poison === undefined || text.includes(faults.poison)

  const vectors = (texts: ReadonlyArray<string>) =>
    texts.map((text) => {
      const vector = Protocols.made(text, model())
      if (faults.vectors === undefined || !isPoisoned(text)) return vector
      if (faults.vectors === "zero") return new Float32Array(vector.length)
      return faults.vectors === "nan" ? vector.fill(Number.NaN, 3, 5) : vector.slice(1)
    })

  /** The faulty answer to a request with these texts, if it gets one. */
  const fault = (texts: ReadonlyArray<string>, isWork: boolean) => {
    const { answer, everything, status } = faults
    if (status === undefined && answer === undefined) return undefined
    if (!isWork && everything !== true) return undefined
    if (faults.poison !== undefined && !texts.some(isPoisoned)) return undefined
    if (left <= 0) return undefined
    left--
    return { answer, status }
  }

  const compute = async (texts: ReadonlyArray<string>) => {
    await permits.take()
    mostAtOnce = Math.max(mostAtOnce, ++working)
    try {
      await pause(faults.latency ?? options.latency ?? 0)
      return vectors(texts)
    } finally {
      working--
      permits.give()
    }
  }

  const answerOf = async (path: string, body: unknown, texts: ReadonlyArray<string>): Promise<Protocols.Answer> => {
    const ok = (value: unknown) => ({ status: 200, body: value })
    switch (path) {
      case "/info":
        return ok(Protocols.info(announced()))
      case "/health":
        return { status: 200, body: "" }
      case "/embed": {
        const refusal = Protocols.teiRefusal(first, texts, property(body, "truncate") === true)
        return refusal ?? ok(Protocols.teiEmbeddings(await compute(texts), faults.reversed === true))
      }
      case "/rerank":
        await pause(faults.latency ?? options.latency ?? 0)
        return texts.length > first.maxItems
          ? Protocols.teiError(422, `batch size ${texts.length} > maximum allowed batch size ${first.maxItems}`)
          : ok(Protocols.ranks(String(property(body, "query")), texts))
      case "/v1/models":
        return ok(Protocols.models(announced(), kind))
      case "/v1/embeddings": {
        const refusal = Protocols.openaiRefusal(first, texts)
        if (refusal !== undefined) return refusal
        const tokens = texts.reduce((sum, text) => sum + tokensOf(text).length, 0)
        const encoding = property(body, "encoding_format")
        if (options.numbersOnly === true && encoding !== "float") {
          return Protocols.openaiError(400, `Unknown encoding_format: ${String(encoding)}`)
        }
        const made = await compute(texts)
        return ok(
          Protocols.embeddings(announced().name, made, { encoding, reversed: faults.reversed === true, tokens })
        )
      }
      case "/tokenize":
        return tokenize(body, texts)
      case "/props":
        return kind === "llama.cpp"
          ? ok({ default_generation_settings: { n_ctx: first.maxTokens }, total_slots: 1, model_path: first.name })
          : Protocols.openaiError(404, "Not Found")
      default:
        return { status: 404, body: "" }
    }
  }

  /** Three servers have this path, with a body of their own each. */
  const tokenize = (body: unknown, texts: ReadonlyArray<string>): Protocols.Answer => {
    if (property(body, "inputs") !== undefined) {
      return Protocols.teiRefusal(first, texts, true) ?? { status: 200, body: Protocols.teiTokens(texts) }
    }
    const prompt = property(body, "prompt")
    if (kind === "vllm" && typeof prompt === "string") {
      const tokens = tokensOf(prompt).map((_, id) => id)
      return { status: 200, body: { count: tokens.length, max_model_len: first.maxTokens, tokens, token_strs: null } }
    }
    if (kind === "llama.cpp") {
      const content = property(body, "content")
      return { status: 200, body: { tokens: typeof content === "string" ? tokensOf(content).map((_, id) => id) : [] } }
    }
    return Protocols.openaiError(404, "Not Found")
  }

  const handle = async (request: IncomingMessage, response: ServerResponse) => {
    const path = (request.url ?? "/").split("?")[0]!
    const text = await readBody(request)
    if (path === "/faults" && request.method === "PUT") {
      setFaults(decodeFaults(text === "" ? "{}" : text))
      return send(response, { status: 200, body: faults })
    }
    if (path === "/received") return send(response, { status: 200, body: received })
    const body: unknown = text === "" ? undefined : JSON.parse(text)
    const texts = strings(property(body, "inputs") ?? property(body, "input") ?? property(body, "texts"))
    const isOpenai = path.startsWith("/v1/")
    const error = isOpenai ? Protocols.openaiError : Protocols.teiError
    const record = (status: number) => received.push({ path, texts, status })
    if (options.apiKey !== undefined && request.headers.authorization !== `Bearer ${options.apiKey}`) {
      record(401)
      return send(response, error(401))
    }
    const wrong = fault(texts, path === "/embed" || path === "/v1/embeddings")
    if (wrong?.status !== undefined) {
      record(wrong.status)
      const headers = faults.retryAfter === undefined ? {} : { "retry-after": faults.retryAfter }
      return send(response, error(wrong.status), headers)
    }
    if (wrong?.answer === "never" || wrong?.answer === "drop") {
      record(0)
      return wrong.answer === "drop" ? void response.destroy() : undefined
    }
    const answer = await answerOf(path, body, texts)
    record(answer.status)
    if (response.destroyed) return
    return wrong?.answer === "half" ? sendHalf(response, answer) : send(response, answer)
  }

  const server = createServer((request, response) => {
    response.on("close", () => {
      if (!response.writableFinished) abandoned++
    })
    handle(request, response).catch((error: unknown) => send(response, { status: 500, body: String(error) }))
  })

  return {
    server,
    setFaults,
    /** Requests since the last look, and what the model was asked at once at most. */
    received: () => received,
    forget: () => void received.splice(0),
    mostAtOnce: () => mostAtOnce,
    /** Requests that the caller gave up, or that were broken off. */
    abandoned: () => abandoned,
    listen: (port: number) =>
      Effect.callback<number>((resume) => {
        server.listen(port, "127.0.0.1", () => {
          const address = server.address()
          resume(Effect.succeed(typeof address === "object" && address !== null ? address.port : 0))
        })
      }),
    /** Ends the server and every connection: from now on, connections are refused. */
    close: Effect.callback<void>((resume) => {
      server.close(() => resume(Effect.void))
      server.closeAllConnections()
    })
  }
}

/** A double on a free port, gone with the scope. */
export const start = Effect.fn("GpuServer.start")(function*(options: GpuOptions = {}) {
  const gpu = makeGpu(options)
  const port = yield* Effect.acquireRelease(gpu.listen(options.port ?? 0), () => gpu.close)
  return { ...gpu, port, url: new URL(`http://127.0.0.1:${port}`) }
})
