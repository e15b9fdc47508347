import { chunkingMethods } from "@sheaf/domain/datasets/chunkingMethods"
import type { ChunkingSettings } from "@sheaf/domain/datasets/Dataset"
import type { TableColumn } from "@sheaf/domain/datasets/TableColumn"
import { chunkingFields } from "@sheaf/domain/runs/effective"
import { Effect, Option } from "effect"
import { Flag } from "effect/cli"
import { Misused } from "../terminal/failures.ts"
import { given } from "./listing.ts"
import { repeated } from "../settings/repeated.ts"

const size = (name: string, description: string) =>
  Flag.Int(name).pipe(Flag.withDescription(description), Flag.optional)

const column = (name: string, description: string) =>
  Flag.String(name).pipe(Flag.withDescription(description), Flag.optional)

const pattern = /^(.+?)(?::(content|metadata|both|none))?(?::(string|number|boolean|time))?$/s

/** `price:metadata:number`: name, role and type of a column. */
const columnOf = (text: string): TableColumn => {
  const [, name = text, role, type] = pattern.exec(text) ?? []
  // The pattern allows no other words.
  return { name, ...(role !== undefined && { role }), ...(type !== undefined && { type }) } as TableColumn
}

/** A way to cut; `name` differs between commands. */
export const method = (name: string) =>
  Flag.Literals(name, chunkingMethods).pipe(
    Flag.withDescription("How documents are cut: docs/guide/chunking.md"),
    Flag.optional
  )

/** What ways to cut have besides their name, but for what only `general` has. */
export const chunkingFlags = {
  maxTokens: size("max-tokens", "Longest segment, child or answer"),
  overlap: size("overlap", "What is repeated where a segment had to be cut (general)"),
  parentMaxTokens: size("parent-max-tokens", "Longest parent (parent-child)"),
  questionColumn: column("question-column", "The column of the questions (qa)"),
  answerColumn: column("answer-column", "The column of the answers (qa)"),
  columns: Flag.String("column").pipe(
    Flag.withDescription(
      "NAME:ROLE:TYPE of a column (table), such as price:metadata:number; content, metadata, both or none, and string, number, boolean or time"
    ),
    repeated,
    Flag.map((texts) => texts.length === 0 ? Option.none() : Option.some(texts.map(columnOf)))
  )
}

type Given = {
  readonly [Name in keyof typeof chunkingFlags]: (typeof chunkingFlags)[Name] extends Flag.Flag<infer A> ? A : never
}

/** The settings that flags ask for; `None` where they ask for nothing. What the method has not is refused. */
export const chunkingOf = (
  { chunker, ...flags }: Given & { readonly chunker: Option.Option<ChunkingSettings["method"]> }
): Effect.Effect<Option.Option<ChunkingSettings>, Misused> => {
  const values = given(flags)
  const names = Object.keys(values)
  if (Option.isNone(chunker) && names.length === 0) return Effect.succeedNone
  const method = Option.getOrElse(chunker, () => "general" as const)
  const fields = chunkingFields[method]
  const unfit = names.find((name) => !fields.includes(name))
  if (unfit !== undefined) {
    return new Misused({
      message: `The chunker ${method} has no ${unfit}.`,
      hint: fields.length === 0 ? "Leave the other flags out." : `It has: ${fields.join(", ")}.`
    })
  }
  // Only what the method has.
  return Effect.succeedSome({ method, ...values } as ChunkingSettings)
}
