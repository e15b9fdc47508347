import type { Box } from "@sheaf/domain/documents/Element"
import type { FailureCause } from "@sheaf/domain/documents/FailureCause"
import { Context, Data, Duration, Effect, Layer, Semaphore } from "effect"
import { type PdfProcessLimits, runPdfProcess } from "./pdfProcess.ts"
import type { PdfRequest } from "./protocol.ts"

/** The file does not give what is asked for. */
export class PdfRefused extends Data.TaggedError("PdfRefused")<{ readonly cause: FailureCause }> {}

export interface PdfPagesOptions {
  /** Pages of one answer. Default 50. */
  readonly maxPages?: number
  /** Processes at a time; whoever comes later waits. Default 1. */
  readonly processes?: number
  readonly limits?: Partial<PdfProcessLimits>
}

const defaults: PdfProcessLimits = {
  wallTime: Duration.seconds(30),
  maxMemoryBytes: 1_500_000_000,
  maxOutputBytes: 100_000_000
}

/**
 * Pages of PDFs as people see them. What works on a file is a process of its own, as parsers have one: a library that reads what strangers
 * have sent takes as long and as much as they please, and the process that answers calls must not stand still for it.
 */
export class PdfPages extends Context.Service<PdfPages, {
  /** A PDF of the pages that boxes stand on, with the boxes highlighted. */
  readonly cite: (path: string, boxes: ReadonlyArray<Box>) => Effect.Effect<Uint8Array, PdfRefused>
  /** The first page as a WebP picture, so many pixels wide. */
  readonly thumbnail: (path: string, width: number) => Effect.Effect<Uint8Array, PdfRefused>
}>()("@sheaf/adapters/pdf/PdfPages") {
  static readonly layer = (options: PdfPagesOptions = {}) =>
    Layer.effect(
      PdfPages,
      Effect.gen(function*() {
        const limits = { ...defaults, ...options.limits }
        const slots = yield* Semaphore.make(options.processes ?? 1)

        const run = Effect.fnUntraced(function*(request: PdfRequest) {
          const { bytes, reply } = yield* slots.withPermits(1)(runPdfProcess(request, limits)).pipe(
            Effect.catchTag("PdfProcessEnded", (error) =>
              Effect.gen(function*() {
                yield* Effect.logWarning(`a process for a PDF ended: ${error.reason}`, error.detail)
                const [first = ""] = error.detail.split("\n")
                return yield* new PdfRefused({ cause: { _tag: "ParserCrashed", detail: first.slice(0, 200) } })
              }))
          )
          if (reply._tag === "Failed") return yield* new PdfRefused({ cause: reply.cause })
          return bytes
        })

        return PdfPages.of({
          cite: (path, boxes) => run({ _tag: "Cite", path, boxes, maxPages: options.maxPages ?? 50 }),
          thumbnail: (path, width) => run({ _tag: "Render", path, width })
        })
      })
    )
}
