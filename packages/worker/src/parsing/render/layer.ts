import type { Box } from "@sheaf/domain/documents/Element"
import { Effect, Layer, Redacted, Schema, Stream } from "effect"
import { fileURLToPath } from "node:url"
import { AssetAssembly, type ParsedAsset } from "../jail/AssetAssembly.ts"
import { bytesIn } from "../jail/assets.ts"
import type { JailInput } from "../jail/ParserJail.ts"
import { makePool } from "../jail/pool.ts"
import { makeTalks, nonsense, type TalkLimits } from "../jail/talk.ts"
import { type LanguageData, RenderReply, type RenderRequest } from "./protocol.ts"
import { type DrawOptions, type Picture, RenderJail } from "./RenderJail.ts"

/** Limits of time and output are those of one picture, or of one page that is read. */
export interface RenderOptions extends TalkLimits {
  /** How many processes there may be; each draws one page at a time. */
  readonly processes: number
  /** Bytes of memory of one process, all counted. */
  readonly maxMemoryBytes: number
  /** Folders that inputs lie in; a process can read nothing else but its own code. */
  readonly inputFolders: ReadonlyArray<string>
  /** Most pixels of one picture. */
  readonly maxPixels: number
  /** Languages of pages without text; with none such pages are not looked at. */
  readonly languages: ReadonlyArray<LanguageData>
  /** Another program for the processes to run: for tests of the pool itself. */
  readonly entry?: string
}

const protocol = {
  decode: Schema.decodeUnknownEffect(Schema.fromJsonString(RenderReply)),
  ends: ({ _tag }: RenderReply) => _tag === "Done" || _tag === "Recognised" || _tag === "Failed",
  failure: (reply: RenderReply) => reply._tag === "Failed" ? reply.failure : undefined,
  sizeOf: (reply: RenderReply) => reply._tag === "AssetPart" ? bytesIn(reply.base64) : undefined
}

/** Fine enough to read the small print. */
const readingDpi = 300

export const layer = (options: RenderOptions): Layer.Layer<RenderJail> =>
  Layer.effect(
    RenderJail,
    Effect.gen(function*() {
      const { languages, maxPixels } = options
      const pool = yield* makePool({
        processes: options.processes,
        entry: options.entry ?? fileURLToPath(new URL("./host.ts", import.meta.url)),
        readable: [...options.inputFolders, ...languages.map(({ path }) => path)],
        maxMemoryBytes: options.maxMemoryBytes,
        maxCpuMs: options.cpuTimeMs ?? options.wallTimeMs,
        nativeCode: true
      })
      const { begin, receive } = makeTalks<RenderRequest, RenderReply>(pool, options, protocol)

      const common = ({ password, path }: JailInput) => ({
        path,
        password: password === undefined ? undefined : Redacted.value(password),
        maxPixels
      })

      /** A picture is a request of its own: others get their turn in between, and each has all of the time. */
      const draw = Effect.fn("RenderJail.draw")(function*(input: JailInput, box: Box, options: DrawOptions) {
        const { dpi = 150, mediaType = "image/png" } = options
        const talk = yield* begin({ ...common(input), op: "draw", box, dpi, mediaType })
        const assembly = new AssetAssembly()
        let drawn: ParsedAsset | "more" | null = null
        for (;;) {
          const reply = yield* receive(talk)
          if (reply._tag === "Asset") drawn = assembly.begin(reply)
          else if (reply._tag === "AssetPart") drawn = assembly.add(reply.base64)
          else if (reply._tag !== "Done" || drawn === null || drawn === "more") return yield* nonsense
          else {
            const picture: Picture = { box, mediaType, bytes: drawn.bytes }
            return picture
          }
        }
      }, Effect.scoped)

      const recognise = Effect.fn("RenderJail.recognise")(function*(input: JailInput, page: number) {
        const reply = yield* receive(
          yield* begin({ ...common(input), op: "recognise", page, dpi: readingDpi, languages })
        )
        if (reply._tag !== "Recognised") return yield* nonsense
        return { page, blank: reply.blank, elements: reply.elements, confidence: reply.confidence }
      }, Effect.scoped)

      return RenderJail.of({
        languages: languages.map(({ code }) => code),
        regions: (input, boxes, options = {}) =>
          Stream.fromIterable(boxes).pipe(Stream.mapEffect((box) => draw(input, box, options))),
        recognise
      })
    })
  )
