import { Context, Effect, Layer, Option } from "effect"
import { type CliError, CliOutput, Command, type HelpDoc } from "effect/cli"

/** A value that a command takes. */
interface Taken {
  readonly name: string
  readonly type: string
  readonly description: string
  readonly required: boolean
}

/** What there is to know of one command, for programs. */
export interface CommandDoc {
  /** As it is typed, without the name of the program: `datasets create`. */
  readonly command: string
  readonly description: string
  readonly usage: string
  readonly arguments: ReadonlyArray<Taken & { readonly variadic: boolean }>
  readonly flags: ReadonlyArray<Taken & { readonly aliases: ReadonlyArray<string> }>
  readonly examples: ReadonlyArray<HelpDoc.ExampleDoc>
}

/** The whole command line, as something that a command can speak of. */
export class CommandLine extends Context.Service<CommandLine, {
  /** Every command that does something, in the order of the help. */
  readonly commands: Effect.Effect<ReadonlyArray<CommandDoc>>
  /** What every command takes. */
  readonly globalFlags: Effect.Effect<CommandDoc["flags"]>
}>()("@sheaf/cli/terminal/CommandLine") {
  static readonly layer = <Name extends string, Input, ContextInput, E, R>(
    root: Command.Command<Name, Input, ContextInput, E, R>,
    version: string
  ) =>
    Layer.effect(
      CommandLine,
      Effect.map(Effect.context<Command.Environment>(), (context) => {
        // Help runs no command, so nothing that commands need is needed.
        const run = Command.runWith(root, { version }) as (
          args: ReadonlyArray<string>
        ) => Effect.Effect<void, CliError.CliError, Command.Environment>

        /** The help of a command, as the framework would show it. */
        const helpOf = Effect.fnUntraced(
          function*(path: ReadonlyArray<string>) {
            let seen: HelpDoc.HelpDoc | undefined
            const presenter: CliOutput.Presenter = {
              present: (event) => Effect.sync(() => event._tag === "Help" ? seen = event.helpDoc : undefined)
            }
            yield* Effect.provideService(run([...path, "--help"]), CliOutput.Presenter, presenter)
            return yield* Effect.fromNullishOr(seen)
          },
          Effect.provide(context),
          Effect.orDie
        )

        return CommandLine.of({
          commands: Effect.forEach(leaves(root, []), (path) => Effect.map(helpOf(path), (doc) => docOf(path, doc))),
          globalFlags: Effect.map(helpOf([]), ({ globalFlags = [] }) => globalFlags.map(flagOf))
        })
      })
    )
}

/** Paths of the commands that have none below them. */
const leaves = (command: Command.Command.Any, path: ReadonlyArray<string>): ReadonlyArray<ReadonlyArray<string>> => {
  const below = command.subcommands.flatMap(({ commands }) => commands).filter(({ unlisted }) => !unlisted)
  return below.length === 0 ? [path] : below.flatMap((child) => leaves(child, [...path, child.name]))
}

const described = ({ description }: { readonly description: Option.Option<string> }) => ({
  description: Option.getOrElse(description, () => "")
})

const argumentOf = (argument: HelpDoc.ArgDoc) => ({ ...argument, ...described(argument) })

const flagOf = (flag: HelpDoc.FlagDoc) => ({ ...flag, ...described(flag) })

const docOf = (path: ReadonlyArray<string>, doc: HelpDoc.HelpDoc): CommandDoc => ({
  command: path.join(" "),
  description: doc.description,
  usage: doc.usage,
  arguments: (doc.args ?? []).map(argumentOf),
  flags: doc.flags.map(flagOf),
  examples: doc.examples ?? []
})
