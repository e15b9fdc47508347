import { Console, Effect } from "effect"
import { CliOutput } from "effect/cli"
import { commandName } from "../settings/globals.ts"

/**
 * Help that was asked for is the result. Help that nobody asked for, because the command line makes no sense or is not
 * complete, goes to standard error.
 */
export const presenter: CliOutput.Presenter = {
  present: Effect.fnUntraced(function*(event) {
    if (event._tag === "Version" || event._tag === "Help" && event.reason === "Requested") {
      return yield* CliOutput.defaultPresenter.present(event)
    }
    const formatter = yield* CliOutput.Formatter
    if (event._tag === "Help") return yield* Console.error(formatter.formatHelpDoc(event.helpDoc))
    for (const error of event.errors) yield* Console.error(`error[Usage]: ${error.message}`)
    const [program = "sheaf", ...path] = event.commandPath
    const name = yield* Effect.orElseSucceed(commandName, () => program)
    yield* Console.error(`hint: \`${[name, ...path].join(" ")} --help\` shows what it takes.`)
  })
}
