import { NodeRuntime } from "@effect/platform-node"
import { Console, Data, Effect, Runtime } from "effect"
import * as ChildProcess from "node:child_process"
import { fileURLToPath } from "node:url"
import * as Production from "../production/Production.ts"

// `production.ts COMMAND ARGUMENTS...`: starts the production profile on this machine, runs one command of `sheaf` against its API, and
// takes everything down again. Exits as the command did.

class CommandFailed extends Data.TaggedError("CommandFailed")<{ readonly code: number }> {
  override readonly [Runtime.errorExitCode] = this.code
}

const cli = fileURLToPath(new URL("../../../packages/cli/src/main.ts", import.meta.url))

const args = process.argv.slice(2).filter((arg, at, all) => arg !== "--profile" && all[at - 1] !== "--profile")

const command = (env: Readonly<Record<string, string>>) =>
  Effect.callback<number>((resume) => {
    const child = ChildProcess.spawn(process.execPath, [cli, ...args], {
      stdio: "inherit",
      env: { ...process.env, ...env }
    })
    child.once("exit", (code) => resume(Effect.succeed(code ?? 1)))
    return Effect.sync(() => child.kill())
  })

NodeRuntime.runMain(
  Effect.gen(function*() {
    yield* Console.error("\nThe production profile on this machine, in temporary folders:")
    const production = yield* Production.start({ onProgress: (part) => Console.error(`  ${part}`) })
    const code = yield* command({ SHEAF_URL: production.url, SHEAF_KEY: production.key })
    yield* Console.error("Everything that was started for this is taken down again.")
    if (code !== 0) return yield* new CommandFailed({ code })
  }).pipe(Effect.scoped),
  { disableErrorReporting: true }
)
