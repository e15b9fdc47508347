import { limits } from "@sheaf/domain/limits"
import { Effect, Layer, Option, Redacted, Schema, Stream } from "effect"
import { fileURLToPath } from "node:url"
import type { Inspection, PageRange } from "../Parser.ts"
import { AssetAssembly } from "./AssetAssembly.ts"
import { bytesIn } from "./assets.ts"
import { type JailInput, type Listeners, ParserJail } from "./ParserJail.ts"
import { makePool } from "./pool.ts"
import { JailReply, type JailRequest } from "./protocol.ts"
import { rowsOf } from "./rowsOf.ts"
import { makeTalks, nonsense, reject, type TalkLimits } from "./talk.ts"

export interface JailOptions extends TalkLimits {
  /** How many processes there may be; each parses one file at a time. */
  readonly processes: number
  /** Bytes of memory of one process, all counted. */
  readonly maxMemoryBytes: number
  /** Folders that inputs lie in; a process can read nothing else but its own code. */
  readonly inputFolders: ReadonlyArray<string>
  readonly maxPages?: number
  /** Another program for the processes to run: for tests of the jail itself. */
  readonly entry?: string
}

const protocol = {
  decode: Schema.decodeUnknownEffect(Schema.fromJsonString(JailReply)),
  ends: ({ _tag }: JailReply) => _tag === "Inspected" || _tag === "Failed" || _tag === "Done",
  failure: (reply: JailReply) => reply._tag === "Failed" ? reply.failure : undefined,
  sizeOf: (reply: JailReply) => reply._tag === "AssetPart" ? bytesIn(reply.base64) : undefined
}

/** What every request says of its file. */
const requestOf = ({ name, password, path, textAs }: JailInput) => ({
  path,
  name,
  textAs,
  password: password === undefined ? undefined : Redacted.value(password)
})

/** The jail with warm processes that start when they are first needed. */
export const layer = (options: JailOptions): Layer.Layer<ParserJail> =>
  Layer.effect(
    ParserJail,
    Effect.gen(function*() {
      const { maxPages = limits.maxPages } = options
      const pool = yield* makePool({
        processes: options.processes,
        entry: options.entry ?? fileURLToPath(new URL("./host.ts", import.meta.url)),
        readable: options.inputFolders,
        maxMemoryBytes: options.maxMemoryBytes,
        maxCpuMs: options.cpuTimeMs ?? options.wallTimeMs
      })
      const talks = makeTalks<JailRequest, JailReply>(pool, options, protocol)
      const { begin, receive } = talks
      const readRows = rowsOf(talks)

      const inspect = Effect.fn("ParserJail.inspect")(function*(input: JailInput) {
        const reply = yield* receive(yield* begin({ ...requestOf(input), op: "inspect" }))
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
      ) => {
        return Stream.unwrap(Effect.map(begin({ ...requestOf(input), op: "parse", range }), (talk) => {
          const assembly = new AssetAssembly()
          return Stream.paginate(
            talk,
            Effect.fnUntraced(function*(talk) {
              const reply = yield* receive(talk)
              if (reply._tag === "Warned") yield* onWarning({ page: reply.page, detail: reply.detail })
              if (reply._tag === "Asset" || reply._tag === "AssetPart") {
                const asset = reply._tag === "Asset" ? assembly.begin(reply) : assembly.add(reply.base64)
                if (asset === null) return yield* nonsense
                if (asset !== "more") yield* onAsset(asset)
              }
              const next = reply._tag === "Done" ? Option.none<typeof talk>() : Option.some(talk)
              return [reply._tag === "Elements" ? reply.elements : [], next] as const
            })
          )
        }))
      }

      return ParserJail.of({ inspect, parse, rows: (input, wish) => readRows(requestOf(input), wish) })
    })
  )
