import { NodeRuntime, NodeServices } from "@effect/platform-node"
import { Cause, Console, Data, Effect } from "effect"
import { Command } from "effect/cli"

/** What was to be proved does not hold; said already, in detail. */
export class NotProved extends Data.TaggedError("NotProved")<{ readonly message: string }> {}

/** Runs one of the proofs as the main program: exits with 1 where it fails, with what it says. */
export const runCommand = <Name extends string, Input, Context, E>(
  command: Command.Command<Name, Input, Context, E, NodeServices.NodeServices>
): void =>
  Command.run(command, { version: "1" }).pipe(
    Effect.tapCause((cause) => {
      const error = Cause.squash(cause)
      return Console.error(error instanceof NotProved ? error.message : Cause.pretty(cause))
    }),
    Effect.provide(NodeServices.layer),
    // What was left in dead processes never comes to an end by itself.
    NodeRuntime.runMain({
      disableErrorReporting: true,
      teardown: (exit) => process.exit(exit._tag === "Success" ? 0 : 1)
    })
  )
