import { Context, Data, Effect, Layer, Redacted, Schedule } from "effect"
import * as ChildProcess from "node:child_process"
import { randomBytes } from "node:crypto"
import { createRequire } from "node:module"
import { freePort } from "../freePort.ts"
import { temporaryFolder } from "../temporaryFolder.ts"

/** Azurite does not start. Never a reason to skip a test. */
class AzuriteUnavailable extends Data.TaggedError("AzuriteUnavailable")<{ readonly message: string }> {}

/** Lies in a folder of its own, with packages of its own (test/servers). */
const program = Effect.try({
  try: () =>
    createRequire(new URL("../../servers/package.json", import.meta.url)).resolve("azurite/dist/src/blob/main.js"),
  catch: () => new AzuriteUnavailable({ message: "These tests need Azurite: npm ci --prefix test/servers" })
})

const account = "sheaftest"

interface Started {
  readonly child: ChildProcess.ChildProcess
  readonly log: () => string
}

const launch = (program: string, folder: string, port: number, key: string): Started => {
  const args = ["--location", folder, "--blobHost", "127.0.0.1", "--blobPort", String(port), "--silent"]
  // Azurite refuses versions of the protocol that are newer than itself, unless it is told not to look.
  args.push("--disableTelemetry", "--skipApiVersionCheck")
  // The server dies with the test process, even when that is killed.
  const child = ChildProcess.spawn("/usr/bin/setpriv", ["--pdeathsig", "KILL", process.execPath, program, ...args], {
    cwd: folder,
    env: { AZURITE_ACCOUNTS: `${account}:${key}` },
    stdio: ["ignore", "pipe", "pipe"]
  })
  let log = ""
  const keep = (text: Buffer | Error) => {
    log = (log + String(text)).slice(-4_000)
  }
  child.stdout.on("data", keep)
  child.stderr.on("data", keep)
  child.on("error", keep)
  return { child, log: () => log }
}

const hasEnded = ({ child }: Started) => child.exitCode !== null || child.signalCode !== null

/** SIGTERM lets it write its tables, which it otherwise does every five seconds: a killed one forgets what it has acknowledged since. */
const halt = (started: Started, signal: "SIGTERM" | "SIGKILL") =>
  Effect.callback<void>((resume) => {
    if (hasEnded(started)) return resume(Effect.void)
    started.child.once("exit", () => resume(Effect.void))
    started.child.kill(signal)
  })

/**
 * A blob service of its own on a free port of the loopback interface, with an empty folder; stopped with the scope. `stop` and `start`
 * may follow each other any number of times: port, key and data stay.
 */
export const start = Effect.gen(function*() {
  const main = yield* program
  const folder = yield* temporaryFolder("azurite")
  const port = yield* freePort
  const key = randomBytes(64).toString("base64")
  let running: Started | undefined

  const stop = (signal: "SIGTERM" | "SIGKILL") =>
    Effect.suspend(() => {
      const started = running
      running = undefined
      return started === undefined ? Effect.void : halt(started, signal)
    })

  const begin = Effect.suspend(() => {
    const started = launch(main, folder, port, key)
    running = started
    const failed = () => new AzuriteUnavailable({ message: `Azurite did not start:\n${started.log()}` })
    return Effect.suspend(() =>
      hasEnded(started) ? Effect.fail(failed()) : Effect.succeed(started.log().includes("successfully listens on"))
    ).pipe(
      Effect.repeat({ until: (ready) => ready, schedule: Schedule.spaced("20 millis") }),
      Effect.timeoutOrElse({ duration: "30 seconds", orElse: () => Effect.fail(failed()) })
    )
  })

  yield* Effect.acquireRelease(begin, () => stop("SIGKILL"))
  const endpoint = `http://127.0.0.1:${port}/${account}`
  return {
    account,
    endpoint,
    key: Redacted.make(key),
    connectionString: Redacted.make(
      `DefaultEndpointsProtocol=http;AccountName=${account};AccountKey=${key};BlobEndpoint=${endpoint};`
    ),
    port,
    stop: stop("SIGTERM"),
    start: Effect.asVoid(begin)
  }
})

/** One for all tests of a file. */
export class Azurite extends Context.Service<Azurite, Effect.Success<typeof start>>()(
  "sheaf/test/support/backends/AzuriteServer/Azurite"
) {
  static readonly layer = Layer.effect(Azurite, start)
}
