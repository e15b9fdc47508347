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

/** What was said about the files on the command line. */
export const metadataOf = (pairs: Readonly<Record<string, string>>): Effect.Effect<Metadata, Misused> =>
  Effect.mapError(
    decode(Object.fromEntries(Object.entries(pairs).map(([key, value]) => [key, valueOf(value)]))),
    (error) =>
      new Misused({ message: `The metadata makes no sense: ${error.message}`, hint: "Like --metadata year=2026" })
  )
