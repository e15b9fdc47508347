import { Effect } from "effect"
import { Command } from "effect/cli"
import type { Diagnosis } from "../doctor/examine.ts"
import { chosen } from "../settings/chosen.ts"
import { Unwell } from "../terminal/failures.ts"
import { Output } from "../terminal/Output.ts"
import type { Style } from "../terminal/style.ts"
import { count } from "../terminal/words.ts"
import { version } from "../version.ts"
import { local } from "./handled.ts"

export const doctor = Command.make(
  "doctor",
  {},
  local(Effect.fnUntraced(function*() {
    const output = yield* Output
    const settings = yield* chosen
    const [{ examine }, { fences }] = yield* Effect.promise(() =>
      Promise.all([import("../doctor/examine.ts"), import("@sheaf/worker/parsing/jail/fences")])
    )
    const { parts, warnings } = yield* examine(settings)
    const walls = fences()
    const all: ReadonlyArray<Diagnosis> = [
      ...parts,
      ...walls.map(({ active, detail, name }): Diagnosis => ({
        name: `fence: ${name}`,
        status: active ? "ok" : "warn",
        active: detail
      }))
    ]
    const failed = all.filter(({ status }) => status === "fail").length
    const { arch, platform, version: node } = process
    yield* output.result(
      {
        type: "result",
        ok: failed === 0,
        version,
        node,
        platform: `${platform} ${arch}`,
        parts,
        fences: walls,
        warnings
      },
      () => [`Sheaf ${version}, Node ${node}, ${platform} ${arch}`, ...all.map(words(output.style))].join("\n")
    )
    yield* Effect.forEach(warnings, (warning) => output.note(`${output.noteStyle.yellow("warning:")} ${warning}`))
    if (failed > 0) {
      return yield* new Unwell({
        message: `${count(failed, "part")} of this installation ${failed === 1 ? "does" : "do"} not work.`,
        hint: "What to do stands beside each."
      })
    }
  }))
).pipe(
  Command.withDescription(
    "Start every part as a process would, and say which implementation is active, whether it works, and what to do where it does not. Exits with 1 when a part does not work."
  ),
  Command.withShortDescription("Look whether every part works, and say what to do"),
  Command.withExamples([{ command: "sheaf doctor" }, { command: "sheaf doctor --json" }])
)

const words = ({ dim, green, red, yellow }: Style) => ({ active, detail, name, remedy, status }: Diagnosis): string => {
  const colour = { ok: green, warn: yellow, fail: red, unknown: dim }[status]
  const more = [detail, remedy].filter((text) => text !== undefined).map((text) => `\n${" ".repeat(28)}${text}`).join(
    ""
  )
  return `${colour(status.padEnd(8))} ${name.padEnd(18)} ${active}${more}`
}
