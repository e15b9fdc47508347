import type { ChunkingSettings } from "@sheaf/domain/datasets/Dataset"
import { Markup, type RunSettings } from "@sheaf/domain/runs/RunSettings"
import { Effect, Option } from "effect"
import { Flag } from "effect/cli"
import { Misused } from "../../terminal/failures.ts"
import { chunkingFlags } from "../chunkingFlags.ts"
import { given } from "../listing.ts"

const size = (name: string, description: string) =>
  Flag.Int(name).pipe(Flag.withDescription(description), Flag.optional)

/** What a document or a run may have of its own, but for the way to cut. */
export const settingsFlags = {
  ...chunkingFlags,
  softMaxTokens: size("soft-max-tokens", "From here on a segment ends where it can"),
  combineUnder: size("combine-under", "Small neighbours are put together below this"),
  markup: Flag.Literals("markup", Markup.literals).pipe(
    Flag.withDescription("What text is read as, whatever it looks like"),
    Flag.optional
  ),
  tablePictures: Flag.Boolean("table-pictures").pipe(
    Flag.withDescription("Whether a picture of each table of a PDF is kept"),
    Flag.optional
  ),
  pages: Flag.String("pages").pipe(Flag.withDescription("Only these pages, like 1-5,8"), Flag.optional)
}

type Given = {
  readonly [Name in keyof typeof settingsFlags]: (typeof settingsFlags)[Name] extends Flag.Flag<infer A> ? A : never
}

/** The settings that flags ask for; `None` where they ask for nothing. */
export const settingsOf = Effect.fnUntraced(function*(
  { markup, pages, tablePictures, ...chunking }: Given & { readonly method: Option.Option<ChunkingSettings["method"]> }
): Effect.fn.Return<Option.Option<RunSettings>, Misused> {
  const cut = given(chunking)
  const ranges = Option.isSome(pages) ? { pages: yield* rangesOf(pages.value) } : {}
  const parse = { ...given({ markup, tablePictures }), ...ranges }
  const wanted: RunSettings = {
    ...(Object.keys(cut).length > 0 && { chunking: cut }),
    ...(Object.keys(parse).length > 0 && { parsing: parse })
  }
  return Object.keys(wanted).length > 0 ? Option.some(wanted) : Option.none()
})

const rangesOf = (text: string) =>
  Effect.forEach(text.split(","), (part) => {
    const [, first, last = first] = /^\s*(\d{1,6})\s*(?:-\s*(\d{1,6})\s*)?$/.exec(part) ?? []
    return first === undefined
      ? Effect.fail(new Misused({ message: `"${part}" is no range of pages.`, hint: "Write --pages 1-5,8." }))
      : Effect.succeed({ first: Number(first), last: Number(last) })
  })
