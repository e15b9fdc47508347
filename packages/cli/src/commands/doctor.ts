import { Effect, Option } from "effect"
import { Command, Flag } from "effect/cli"
import type { Diagnosis } from "../doctor/examine.ts"
import { isLeft, lookForDrift } from "../doctor/lookForDrift.ts"
import * as Session from "../session/Session.ts"
import { named } from "../session/Target.ts"
import { chosen } from "../settings/chosen.ts"
import { Unwell } from "../terminal/failures.ts"
import { Output } from "../terminal/Output.ts"
import type { Style } from "../terminal/style.ts"
import { count } from "../terminal/words.ts"
import { version } from "../version.ts"
import { local } from "./handled.ts"

export const doctor = Command.make(
  "doctor",
  {
    look: Flag.Boolean("look").pipe(
      Flag.withDescription("Also look through the data for what is out of step, as a server does every hour"),
      Flag.withDefault(false)
    ),
    repair: Flag.Boolean("repair").pipe(
      Flag.withDescription("The same, and put right what is found"),
      Flag.withDefault(false)
    )
  },
  local(Effect.fnUntraced(function*({ look, repair }) {
    const output = yield* Output
    const settings = yield* chosen
    const elsewhere = Option.isSome(yield* named)
    const [{ examine }, { fences }] = yield* Effect.promise(() =>
      Promise.all([import("../doctor/examine.ts"), import("@sheaf/worker/parsing/jail/fences")])
    )
    // A server that is named has parts of its own, and answers /health/ready.
    const looksHere = !elsewhere || !(look || repair)
    const { parts, warnings } = looksHere ? yield* examine(settings) : { parts: [], warnings: [] }
    const walls = looksHere ? yield* Effect.promise(fences) : []
    const all: ReadonlyArray<Diagnosis> = [
      ...parts,
      ...walls.map(({ active, detail, name }): Diagnosis => ({
        name: `fence: ${name}`,
        status: active ? "ok" : "warn",
        active: detail
      }))
    ]
    const failed = all.filter(({ status }) => status === "fail").length
    if (look || repair) yield* output.note("Looking for what is out of step ...")
    const drift = look || repair ? yield* Effect.provide(lookForDrift(repair), Session.layer) : undefined
    const isUnmended = drift !== undefined && isLeft(drift.last)
    const { arch, platform, version: node } = process
    yield* output.result(
      {
        type: "result",
        ok: failed === 0 && !isUnmended,
        version,
        node,
        platform: `${platform} ${arch}`,
        parts,
        fences: walls,
        warnings,
        ...(drift && { drift })
      },
      () =>
        [
          `Sheaf ${version}, Node ${node}, ${platform} ${arch}`,
          ...all.map(words(output.style)),
          ...(drift === undefined ? [] : driftWords(output.style, drift))
        ].join("\n")
    )
    yield* Effect.forEach(warnings, (warning) => output.note(`${output.noteStyle.yellow("warning:")} ${warning}`))
    if (failed > 0) {
      return yield* new Unwell({
        message: `${count(failed, "part")} of this installation ${failed === 1 ? "does" : "do"} not work.`,
        hint: "What to do stands beside each."
      })
    }
    if (isUnmended) {
      return yield* new Unwell({
        message: "Something is out of step.",
        hint: repair
          ? "What could not be put right is listed; docs/operations.md says what each kind means."
          : "Put it right with `sheaf doctor --repair`."
      })
    }
  }))
).pipe(
  Command.withDescription(
    "Start every part as a process would, and say which implementation is active, whether it works, and what to do where it does not. With --look or --repair, look through rows, index and blobs as well: of every tenant with an operator key, else of the key's own. Exits with 1 when a part does not work, or something stays out of step."
  ),
  Command.withShortDescription("Look whether every part works, and say what to do"),
  Command.withExamples([
    { command: "sheaf doctor" },
    { command: "sheaf doctor --json" },
    { command: "sheaf doctor --repair --url https://sheaf.example.com" }
  ])
)

type Drift = Effect.Success<ReturnType<typeof lookForDrift>>

const driftWords = ({ green, yellow }: Style, { first }: Drift): ReadonlyArray<string> => {
  if (first.length === 0) return [`${green("ok".padEnd(8))} ${"drift".padEnd(18)} nothing is out of step`]
  return first.flatMap(({ findings, tenant }) =>
    findings.map(({ examples, found, kind, mended }) => {
      const status = found > mended ? yellow("warn".padEnd(8)) : green("mended".padEnd(8))
      return `${status} ${"drift".padEnd(18)} ${tenant}: ${found} ${kind}, ${mended} put right\n${" ".repeat(28)}${
        examples.slice(0, 3).join("\n" + " ".repeat(28))
      }`
    })
  )
}

const words = ({ dim, green, red, yellow }: Style) => ({ active, detail, name, remedy, status }: Diagnosis): string => {
  const colour = { ok: green, warn: yellow, fail: red, unknown: dim }[status]
  const more = [detail, remedy].filter((text) => text !== undefined).map((text) => `\n${" ".repeat(28)}${text}`).join(
    ""
  )
  return `${colour(status.padEnd(8))} ${name.padEnd(18)} ${active}${more}`
}
