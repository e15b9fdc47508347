import { Effect, Option, Stream } from "effect"
import { Flag } from "effect/cli"
import { Output } from "../terminal/Output.ts"
import { table } from "../terminal/table.ts"

export const limit = Flag.Int("limit").pipe(
  Flag.withDescription("Most items to list"),
  Flag.withDefault(100)
)

/** Lists items up to a limit: a table for people, `{ items, more }` for programs. */
export const printList = <Item, E, R>(items: Stream.Stream<Item, E, R>, options: {
  readonly limit: number
  readonly columns: { readonly [heading: string]: (item: Item) => string }
  /** What to say when there is nothing. */
  readonly none: string
}) =>
  Effect.gen(function*() {
    const output = yield* Output
    const found = yield* Stream.runCollect(Stream.take(items, options.limit + 1))
    const shown = found.slice(0, options.limit)
    const more = found.length > shown.length
    const headings = Object.keys(options.columns)
    const rows = shown.map((item) => headings.map((heading) => options.columns[heading]!(item)))
    if (shown.length === 0) {
      yield* output.value({ items: [], more: false })
      return yield* output.note(options.none)
    }
    yield* output.result({ items: shown, more }, () => table(headings.map((heading) => heading.toUpperCase()), rows))
    if (more) yield* output.note(`There are more: --limit ${options.limit * 10} shows up to so many.`)
  })

/** One thing: lines of `name: value` for people, the value itself for programs. */
export const printOne = (value: object, fields: { readonly [name: string]: unknown }) =>
  Effect.gen(function*() {
    const output = yield* Output
    const lines = Object.entries(fields).filter(([, field]) => field !== null && field !== undefined && field !== "")
    const width = Math.max(...lines.map(([name]) => name.length)) + 1
    yield* output.result(value, () =>
      lines.map(([name, field]) => `${`${name}:`.padEnd(width)} ${wordsOf(field)}`).join("\n"))
  })

const wordsOf = (field: unknown): string =>
  field instanceof Date ? field.toISOString() : typeof field === "object" ? JSON.stringify(field) : String(field)

/** The given options alone: what was not said is left out of a call. */
export const given = <Fields extends { readonly [name: string]: Option.Option<unknown> }>(fields: Fields) =>
  Object.fromEntries(
    Object.entries(fields).flatMap(([name, value]) => Option.isSome(value) ? [[name, value.value]] : [])
  ) as { readonly [Name in keyof Fields]?: Option.Option.Value<Fields[Name]> }
