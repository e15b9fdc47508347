import * as NodeServices from "@effect/platform-node/NodeServices"
import { type Cause, Effect, Exit, Layer, Option } from "effect"
import { CliOutput, Command } from "effect/cli"
import { asCalledHere } from "./settings/globals.ts"
import { sheaf } from "./sheaf.ts"
import { exitCodes, failureOf } from "./terminal/failures.ts"
import { CommandLine } from "./terminal/CommandLine.ts"
import { presenter } from "./terminal/help.ts"
import * as Interrupts from "./terminal/interrupts.ts"
import { Streams } from "./terminal/Output.ts"
import { printable, styleFor } from "./terminal/style.ts"
import { version } from "./version.ts"

/** Says what went wrong and what to do about it, and answers the exit code. */
const report = Effect.fnUntraced(function*(cause: Cause.Cause<unknown>) {
  const { stderr } = yield* Streams
  const failure = failureOf(cause)
  if (Option.isNone(failure)) return exitCodes.usage
  const { exit, hint, message, requestId, tag } = failure.value
  if (exit === exitCodes.interrupted) return exit
  const style = styleFor(process.stderr)
  const asCalled = yield* asCalledHere
  const here = (text: string) => asCalled(printable(text))
  yield* stderr(`${style.red(`error[${tag}]:`)} ${here(message)}\n`)
  if (hint !== undefined) yield* stderr(`${style.cyan("hint:")} ${here(hint)}\n`)
  if (requestId !== undefined) yield* stderr(`request ${requestId}\n`)
  return exit
})

/** Carries out one command line, says what went wrong, and answers the exit code. In no span: each request to a server begins a trace. */
export const perform = Effect.fnUntraced(
  function*(args: ReadonlyArray<string>) {
    const { closed } = yield* Streams
    const run = Command.runWith(sheaf, { version })(args)
    // Nobody reads the result any more: nothing is wrong, and nothing is left to do.
    const exit = yield* Effect.exit(Effect.raceFirst(Effect.as(run, exitCodes.done), Effect.as(closed, exitCodes.done)))
    return Exit.isSuccess(exit) ? exit.value : yield* report(exit.cause)
  },
  Effect.provide(
    Layer.provideMerge(
      CommandLine.layer(sheaf, version),
      Layer.merge(NodeServices.layer, CliOutput.layerPresenter(presenter))
    )
  )
)

/** Runs the command line of this process to its end. */
export const run = () => Interrupts.runMain(Effect.provide(perform(process.argv.slice(2)), Streams.layer))
