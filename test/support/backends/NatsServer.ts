import { Clock, Data, Effect, Schedule, type Scope } from "effect"
import * as ChildProcess from "node:child_process"
import * as Fs from "node:fs"
import * as Path from "node:path"
import { temporaryFolder } from "../temporaryFolder.ts"

/** nats-server is missing or does not start. Never a reason to skip a test. */
class NatsServerUnavailable extends Data.TaggedError("NatsServerUnavailable")<{ readonly message: string }> {}

const places = ["/usr/sbin/nats-server", "/usr/bin/nats-server", "/usr/local/bin/nats-server"]

export interface NatsServer {
  readonly url: string
  readonly port: number
  /** Kills it in the middle of what it does (kill -9); what it stored stays. */
  readonly kill: Effect.Effect<void>
  /** Starts it again on the same port and store. */
  readonly restart: Effect.Effect<void, NatsServerUnavailable>
}

export interface Options {
  /** Without it the server has no JetStream. */
  readonly jetstream?: boolean
  /** Text of a configuration file: users and their permissions, accounts. */
  readonly config?: string
}

interface Running {
  readonly child: ChildProcess.ChildProcess
  readonly log: () => string
}

const launch = (program: string, args: ReadonlyArray<string>): Running => {
  // The server dies with the test process, even when that is killed.
  const child = ChildProcess.spawn("/usr/bin/setpriv", ["--pdeathsig", "KILL", program, ...args], {
    stdio: ["ignore", "ignore", "pipe"]
  })
  let log = ""
  child.stderr.on("data", (text: Buffer) => {
    log = (log + text.toString()).slice(-8_000)
  })
  child.on("error", (error) => {
    log += String(error)
  })
  return { child, log: () => log }
}

const kill = ({ child }: Running) =>
  Effect.callback<void>((resume) => {
    if (child.exitCode !== null || child.signalCode !== null) return resume(Effect.void)
    child.once("exit", () => resume(Effect.void))
    child.kill("SIGKILL")
  })

const ready = (running: Running) => {
  const failed = () => new NatsServerUnavailable({ message: `nats-server did not start:\n${running.log()}` })
  return Effect.suspend(() => {
    if (running.child.exitCode !== null) return Effect.fail(failed())
    return Effect.succeed(running.log().includes("Server is ready"))
  }).pipe(
    Effect.repeat({ until: (is) => is, schedule: Schedule.spaced("20 millis") }),
    Effect.timeoutOrElse({ duration: "20 seconds", orElse: () => Effect.fail(failed()) }),
    // Waiting for a server is real, whatever clock the test uses.
    Effect.provideService(Clock.Clock, Clock.Clock.defaultValue())
  )
}

/** Starts nats-server on a free port of the loopback interface with a store of its own; it is gone with the scope. */
export const start = Effect.fn("NatsServer.start")(
  function*({ config, jetstream = true }: Options = {}): Effect.fn.Return<
    NatsServer,
    NatsServerUnavailable,
    Scope.Scope
  > {
    const program = places.find((path) => Fs.existsSync(path))
    if (program === undefined) {
      return yield* new NatsServerUnavailable({
        message: "These tests need nats-server 2.9 or newer: apt-get install nats-server"
      })
    }
    const folder = yield* temporaryFolder("nats")
    const file = Path.join(folder, "nats.conf")
    if (config !== undefined) Fs.writeFileSync(file, config)
    const args = (port: number) => [
      "-a",
      "127.0.0.1",
      "-p",
      String(port),
      ...(jetstream ? ["-js", "-sd", Path.join(folder, "store")] : []),
      ...(config === undefined ? [] : ["-c", file])
    ]
    let running: Running | undefined
    yield* Effect.addFinalizer(() => running === undefined ? Effect.void : kill(running))
    const run = (port: number) => {
      const started = launch(program, args(port))
      running = started
      return Effect.as(ready(started), started)
    }
    // The server chooses the port and says which; later starts take the same one.
    const first = yield* run(-1)
    const port = Number(/client connections on 127\.0\.0\.1:(\d+)/.exec(first.log())?.[1])
    return {
      url: `nats://127.0.0.1:${port}`,
      port,
      kill: Effect.suspend(() => running === undefined ? Effect.void : kill(running)),
      restart: Effect.suspend(() => Effect.asVoid(run(port)))
    }
  }
)
