import { Metadata } from "@sheaf/domain/documents/Metadata"
import { Effect, Schema } from "effect"
import { Misused } from "../terminal/failures.ts"

const decode = Schema.decodeUnknownEffect(Metadata)

/** `year=2026` is a number and `draft=true` a truth value, so that filters can compare them; all else is text. */
const valueOf = (text: string): string | number | boolean => {
  if (text === "true" || text === "false") return text === "true"
  const number = Number(text)
  return text.trim() !== "" && Number.isFinite(number) && String(number) === text ? number : text
}

const misused = (message: string) => new Misused({ message, hint: "Like --metadata year=2026" })

/** What was said about the files on the command line. */
export const metadataOf = Effect.fnUntraced(function*(pairs: Readonly<Record<string, string>>) {
  const said = Object.fromEntries(Object.entries(pairs).map(([key, value]) => [key, valueOf(value)]))
  const metadata = yield* Effect.mapError(
    decode(said),
    (error) => misused(`The metadata makes no sense: ${error.message}`)
  )
  // Decoding leaves out what is no key of metadata, and nothing that somebody said is left out silently.
  const lost = Object.keys(said).find((key) => !Object.hasOwn(metadata, key))
  return lost === undefined ? metadata : yield* misused(`"${lost}" cannot be a key of metadata.`)
})
