import { Clock, Data, Effect, Schedule, type Scope } from "effect"
import * as ChildProcess from "node:child_process"

/** A process does not start, or ends by itself; with the end of what it said. */
export class ServiceFailed extends Data.TaggedError("ServiceFailed")<{ readonly message: string }> {}

/** A process that can be ended, stopped and started again, with the same command and environment. */
export interface Service {
  readonly name: string
  /** Of the process that runs now; 0 if none does. */
  readonly pid: () => number
  readonly log: () => string
  /** Sends the signal and waits for the end. */
  readonly end: (signal: "SIGTERM" | "SIGKILL") => Effect.Effect<void>
  /** Starts it if it does not run, and waits until it is ready. */
  readonly start: Effect.Effect<void, ServiceFailed>
  /** Takes its processor away, and gives it back. */
  readonly freeze: Effect.Effect<void>
  readonly thaw: Effect.Effect<void>
}

export interface Options {
  readonly name: string
  /** Program and arguments. */
  readonly command: readonly [string, ...ReadonlyArray<string>]
  readonly env: Readonly<Record<string, string>>
  readonly cwd: string
  /** Whether it does its work, by looking from outside, or by what it has said so far. */
  readonly isReady: (log: string) => Promise<boolean>
}

/** Starts the process; it is gone with the scope, and with this process even when that is killed. */
export const make = Effect.fn("Service.make")(function*(options: Options): Effect.fn.Return<
  Service,
  ServiceFailed,
  Scope.Scope
> {
  let child: ChildProcess.ChildProcess | undefined
  let log = ""
  const keep = (text: string | Error) => {
    log = (log + String(text)).slice(-20_000)
  }
  const runs = () => child !== undefined && child.exitCode === null && child.signalCode === null
  const spawn = () => {
    const args = ["--pdeathsig", "KILL", ...options.command]
    child = ChildProcess.spawn("/usr/bin/setpriv", args, {
      cwd: options.cwd,
      env: options.env,
      stdio: ["ignore", "pipe", "pipe"]
    })
    child.stdout?.setEncoding("utf8").on("data", keep)
    child.stderr?.setEncoding("utf8").on("data", keep)
    child.on("error", keep)
  }
  const failed = (what: string) => new ServiceFailed({ message: `${options.name} ${what}:\n${log}` })

  const ready = Effect.suspend(() => runs() ? Effect.promise(() => options.isReady(log)) : Effect.fail(failed("ended")))
    .pipe(
      Effect.repeat({ until: (isReady) => isReady, schedule: Schedule.spaced("50 millis") }),
      Effect.timeoutOrElse({
        duration: "60 seconds",
        orElse: () => Effect.fail(failed("is not ready after a minute"))
      }),
      Effect.asVoid,
      // Waiting for a process is real, whatever clock the test uses.
      Effect.provideService(Clock.Clock, Clock.Clock.defaultValue())
    )
  const start = Effect.suspend(() => {
    if (runs()) return ready
    log = ""
    spawn()
    return ready
  })
  const signal = (name: NodeJS.Signals) => Effect.sync(() => void (runs() && child?.kill(name)))
  const end: Service["end"] = (name) =>
    Effect.callback<void>((resume) => {
      if (child === undefined || !runs()) return resume(Effect.void)
      child.once("exit", () => resume(Effect.void))
      // What is frozen hears of nothing but this.
      child.kill("SIGCONT")
      child.kill(name)
    })

  yield* Effect.addFinalizer(() => end("SIGKILL"))
  yield* start
  return {
    name: options.name,
    pid: () => runs() ? child?.pid ?? 0 : 0,
    log: () => log,
    end,
    start,
    freeze: signal("SIGSTOP"),
    thaw: signal("SIGCONT")
  }
})

/** Runs a process to its end, which must be a good one. */
export const run = ({ command: [program, ...args], cwd, env, name }: Omit<Options, "isReady">) =>
  Effect.callback<void, ServiceFailed>((resume) => {
    ChildProcess.execFile(program, args, { cwd, env }, (error, stdout, stderr) =>
      resume(
        error === null
          ? Effect.void
          : Effect.fail(new ServiceFailed({ message: `${name} failed:\n${stdout}${stderr}` }))
      ))
  })

/** Whether a URL answers 2xx in time. */
export const answers = (url: string): Promise<boolean> =>
  fetch(url, { signal: AbortSignal.timeout(3_000) }).then((response) => response.ok, () => false)
