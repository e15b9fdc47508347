import { Effect, type Layer, Logger, type Scope } from "effect"
import * as Fs from "node:fs"
import * as Path from "node:path"

/** A log that has grown beyond this is put aside once; two files are kept. */
const maxBytes = 10_000_000

export const logFile = (home: string): string => Path.join(home, "sheaf.log")

/** Everything that is logged goes to `<home>/sheaf.log`, in place of the terminal. */
export const layer = (home: string): Layer.Layer<never> =>
  Logger.layer([Effect.map(openLog(home), (write) => Logger.map(Logger.formatLogFmt, write))])

const openLog = (home: string): Effect.Effect<(line: string) => void, never, Scope.Scope> =>
  Effect.acquireRelease(
    Effect.sync(() => {
      const file = logFile(home)
      // Where it cannot be opened, the start is about to fail with a better message than this could give.
      try {
        Fs.mkdirSync(home, { recursive: true, mode: 0o700 })
        if (Fs.existsSync(file) && Fs.statSync(file).size > maxBytes) Fs.renameSync(file, `${file}.1`)
        return Fs.openSync(file, "a", 0o600)
      } catch {
        return undefined
      }
    }),
    (handle) => Effect.sync(() => handle !== undefined && Fs.closeSync(handle))
  ).pipe(
    // A disk that is full must not stop the work: its log is then what is missing.
    Effect.map((handle) => (line: string) => {
      try {
        if (handle !== undefined) Fs.writeSync(handle, `${line}\n`)
      } catch {
        // Nowhere left to say so.
      }
    })
  )

/** The last lines of the log, for the report of a failing start. */
export const lastLines = (home: string, lines: number): Effect.Effect<ReadonlyArray<string>> =>
  Effect.sync(() => {
    try {
      const size = Fs.statSync(logFile(home)).size
      const length = Math.min(size, 64_000)
      const buffer = Buffer.alloc(length)
      const handle = Fs.openSync(logFile(home), "r")
      Fs.readSync(handle, buffer, 0, length, size - length)
      Fs.closeSync(handle)
      return buffer.toString("utf8").split("\n").filter((line) => line !== "").slice(-lines)
    } catch {
      return []
    }
  })
