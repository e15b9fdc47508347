import type { FailureCause } from "@sheaf/domain/documents/FailureCause"
import { limits } from "@sheaf/domain/limits"
import { Clock, Duration, Effect, Layer, Option, Redacted, Schema, Stream } from "effect"
import { fileURLToPath } from "node:url"
import type { Inspection, PageRange } from "../Parser.ts"
import { AssetAssembly } from "./AssetAssembly.ts"
import type { JailProcess } from "./JailProcess.ts"
import { type JailInput, type Listeners, ParseRejected, ParserJail } from "./ParserJail.ts"
import { makePool } from "./pool.ts"
import { JailReply } from "./protocol.ts"

export interface JailOptions {
  /** How many processes there may be; each parses one file at a time. */
  readonly processes: number
  /** Milliseconds that one request may keep its caller waiting; time in which the caller itself is slow is not counted. */
  readonly wallTimeMs: number
  /** Bytes of memory of one process, all counted. */
  readonly maxMemoryBytes: number
  /** Bytes that one request may answer with. */
  readonly maxOutputBytes: number
  /** Folders that inputs lie in; a process can read nothing else but its own code. */
  readonly inputFolders: ReadonlyArray<string>
  readonly maxPages?: number
  /** Another program for the processes to run: for tests of the jail itself. */
  readonly entry?: string
}

const decodeReply = Schema.decodeUnknownEffect(Schema.fromJsonString(JailReply))

/** What ends a request. */
const endings: ReadonlySet<JailReply["_tag"]> = new Set(["Inspected", "Failed", "Done"])

const reject = (cause: FailureCause) => new ParseRejected({ cause })

const nonsense = Effect.fail(reject({ _tag: "ParserCrashed", detail: "it gave an answer that makes no sense" }))

/** The jail with warm processes that start when they are first needed. */
export const layer = (options: JailOptions): Layer.Layer<ParserJail> =>
  Layer.effect(
    ParserJail,
    Effect.gen(function*() {
      const { maxOutputBytes, maxPages = limits.maxPages, wallTimeMs } = options
      const pool = yield* makePool({
        processes: options.processes,
        entry: options.entry ?? fileURLToPath(new URL("./host.ts", import.meta.url)),
        readable: options.inputFolders,
        maxMemoryBytes: options.maxMemoryBytes
      })

      const begin = Effect.fnUntraced(function*(input: JailInput, op: "inspect" | "parse", range: PageRange | null) {
        const process = yield* pool.checkOut(input.path)
        process.send({
          op,
          range,
          path: input.path,
          name: input.name,
          textAs: input.textAs,
          password: input.password === undefined ? undefined : Redacted.value(input.password)
        })
        return { process, leftMs: wallTimeMs, leftBytes: maxOutputBytes, assembly: new AssetAssembly() }
      })

      const receive = Effect.fnUntraced(function*(request: Request) {
        const { process } = request
        const before = yield* Clock.currentTimeMillis
        const line = yield* Effect.promise(() => process.next()).pipe(
          Effect.timeoutOption(Duration.millis(request.leftMs))
        )
        request.leftMs -= (yield* Clock.currentTimeMillis) - before
        if (Option.isNone(line) || request.leftMs <= 0) {
          return yield* reject({ _tag: "ParserTimedOut", limitMs: wallTimeMs })
        }
        if (line.value === null) return yield* crashed(process)
        request.leftBytes -= line.value.length
        if (request.leftBytes < 0) {
          const actual = maxOutputBytes - request.leftBytes
          return yield* reject({ _tag: "TooLarge", what: "bytes of parsed text", limit: maxOutputBytes, actual })
        }
        const reply = yield* decodeReply(line.value).pipe(Effect.catch(() => nonsense))
        if (endings.has(reply._tag)) process.busy = false
        if (reply._tag === "Failed") return yield* reject(reply.failure)
        return reply
      })

      const inspect = Effect.fn("ParserJail.inspect")(function*(input: JailInput) {
        const reply = yield* receive(yield* begin(input, "inspect", null))
        if (reply._tag !== "Inspected") return yield* nonsense
        if (reply.pages > maxPages) {
          return yield* reject({ _tag: "TooLarge", what: "pages", limit: maxPages, actual: reply.pages })
        }
        const inspection: Inspection = { mediaType: reply.mediaType, pages: reply.pages }
        return inspection
      }, Effect.scoped)

      const parse = <E = never>(
        input: JailInput,
        range: PageRange | null,
        { onAsset = () => Effect.void, onWarning = () => Effect.void }: Listeners<E> = {}
      ) =>
        Stream.unwrap(Effect.map(begin(input, "parse", range), (request) =>
          Stream.paginate(
            request,
            Effect.fnUntraced(function*(request) {
              const reply = yield* receive(request)
              if (reply._tag === "Warned") yield* onWarning({ page: reply.page, detail: reply.detail })
              if (reply._tag === "Asset" || reply._tag === "AssetPart") {
                const { assembly } = request
                const asset = reply._tag === "Asset" ? assembly.begin(reply) : assembly.add(reply.base64)
                if (asset === null) return yield* nonsense
                if (asset !== "more") yield* onAsset(asset)
              }
              const next = reply._tag === "Done" ? Option.none<Request>() : Option.some(request)
              return [reply._tag === "Elements" ? reply.elements : [], next] as const
            })
          )))

      return ParserJail.of({ inspect, parse })
    })
  )

/** What a request has left of its time and its output. */
interface Request {
  readonly process: JailProcess
  readonly assembly: AssetAssembly
  leftMs: number
  leftBytes: number
}

const crashed = Effect.fnUntraced(function*(process: JailProcess) {
  process.kill()
  yield* Effect.promise(() => process.gone)
  const { detail, errors } = process.epitaph
  yield* Effect.logWarning("A parser process ended in the middle of its work", { detail, errors })
  return yield* reject({ _tag: "ParserCrashed", detail })
})
