import { Data, Duration, Effect, Schema } from "effect"
import { spawn } from "node:child_process"
import { readFileSync } from "node:fs"
import type { Readable } from "node:stream"
import { fileURLToPath } from "node:url"
import { type PdfReply, PdfReply as Reply, type PdfRequest } from "./protocol.ts"

export interface PdfProcessLimits {
  readonly wallTime: Duration.Duration
  /** Of the process, all counted. */
  readonly maxMemoryBytes: number
  readonly maxOutputBytes: number
}

/** The process gave no answer. */
export class PdfProcessEnded extends Data.TaggedError("PdfProcessEnded")<{
  readonly reason: "died" | "memory" | "output"
  readonly detail: string
}> {}

const entry = fileURLToPath(new URL("./child.ts", import.meta.url))
const pageSize = 4_096

/** Our sources and those of the packages they use, wherever npm has put them. */
const codeFolders = (): ReadonlyArray<string> => {
  const sources = ["../", import.meta.resolve("@sheaf/domain/ids")].map((place) =>
    fileURLToPath(new URL(place === "../" ? place : "./", place === "../" ? import.meta.url : place))
  )
  const packages = ["pdf-lib", "pdfjs-dist", "@napi-rs/canvas", "effect"].map((name) => {
    const path = fileURLToPath(import.meta.resolve(name))
    return path.slice(0, path.lastIndexOf("/node_modules/") + "/node_modules/".length)
  })
  return [...new Set([...sources, ...packages])].map((folder) => `${folder}*`)
}

/**
 * Asks a process of its own to work on a PDF. It has an empty environment, reads its code and that file, writes and starts nothing, and is
 * killed when it takes too long or too much memory, or when nobody waits for it any more.
 */
export const runPdfProcess = (
  request: PdfRequest,
  limits: PdfProcessLimits
): Effect.Effect<{ readonly reply: PdfReply; readonly bytes: Uint8Array }, PdfProcessEnded> =>
  Effect.callback<Uint8Array, PdfProcessEnded>((resume) => {
    const heapMegabytes = Math.max(64, Math.floor(limits.maxMemoryBytes / 1_048_576))
    const child = spawn(process.execPath, [
      "--permission",
      // What draws pages is native code. Nothing else of the kind is within reach.
      ...(request._tag === "Render" ? ["--allow-addons"] : []),
      ...[...codeFolders(), request.path].map((path) => `--allow-fs-read=${path}`),
      `--max-old-space-size=${heapMegabytes}`,
      "--disable-warning=ExperimentalWarning",
      "--disable-warning=SecurityWarning",
      entry
    ], { cwd: "/", env: {}, stdio: ["pipe", "ignore", "pipe", "pipe"] })
    const chunks: Array<Buffer> = []
    let size = 0
    let errors = ""
    let ended: PdfProcessEnded | undefined
    const kill = (reason: "memory" | "output", detail: string) => {
      ended ??= new PdfProcessEnded({ reason, detail })
      child.kill("SIGKILL")
    }
    const watch = setInterval(() => {
      try {
        const pages = Number(readFileSync(`/proc/${child.pid}/statm`, "latin1").split(" ")[1])
        if (pages * pageSize > limits.maxMemoryBytes) kill("memory", "it needed more memory than it may have")
      } catch {
        // It has ended, or the system does not say: its heap is limited all the same.
      }
    }, 50)
    child.stdin!.on("error", () => {})
    child.stdin!.end(JSON.stringify(request))
    child.stderr!.on("error", () => {}).on("data", (data: Buffer) => {
      errors = (errors + data.toString("utf8")).slice(-2_000)
    })
    const output = child.stdio[3] as Readable
    output.on("error", () => {}).on("data", (chunk: Buffer) => {
      size += chunk.length
      chunks.push(chunk)
      if (size > limits.maxOutputBytes) kill("output", "it gave more than it may")
    })
    const settle = (detail: string) => {
      clearInterval(watch)
      const memory = /heap out of memory|Reached heap limit|Array buffer allocation failed/i.test(errors)
      if (ended === undefined && chunks.length === 0) {
        ended = new PdfProcessEnded({ reason: memory ? "memory" : "died", detail: `${detail} ${errors}`.trim() })
      }
      resume(ended === undefined ? Effect.succeed(Buffer.concat(chunks)) : Effect.fail(ended))
    }
    child.once("error", (error) => settle(error.message))
    child.once("close", (code, signal) => settle(signal === null ? `exit code ${code}` : `signal ${signal}`))
    return Effect.sync(() => {
      clearInterval(watch)
      child.kill("SIGKILL")
    })
  }).pipe(
    Effect.timeoutOrElse({
      duration: limits.wallTime,
      orElse: () =>
        Effect.succeed(
          Buffer.from(
            `${
              JSON.stringify(
                {
                  _tag: "Failed",
                  cause: { _tag: "ParserTimedOut", limitMs: Duration.toMillis(limits.wallTime) }
                } satisfies PdfReply
              )
            }\n`
          )
        )
    }),
    Effect.flatMap((answer) => {
      const end = answer.indexOf(10)
      return Schema.decodeEffect(Schema.fromJsonString(Reply))(
        new TextDecoder().decode(answer.subarray(0, Math.max(0, end)))
      ).pipe(
        Effect.map((reply) => ({ reply, bytes: answer.subarray(end + 1) })),
        Effect.mapError(() => new PdfProcessEnded({ reason: "died", detail: "it broke off" }))
      )
    })
  )
