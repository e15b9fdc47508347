import { Effect } from "effect"
import { NotionNotFound } from "./errors.ts"

const hex = /^[0-9a-f]{32}$/

/** Notion's ids in one form: people copy them out of addresses, where they have no hyphens. Undefined for what is none. */
export const canonicalId = (text: string): string | undefined => {
  const bare = text.toLowerCase().replaceAll("-", "")
  if (!hex.test(bare)) return undefined
  return [[0, 8], [8, 12], [12, 16], [16, 20], [20, 32]].map(([from, to]) => bare.slice(from, to)).join("-")
}

/** What is no id of Notion names nothing there; nothing else ever gets into an address. */
export const idOf = (what: NotionNotFound["what"], text: string): Effect.Effect<string, NotionNotFound> => {
  const id = canonicalId(text)
  return id === undefined
    ? Effect.fail(new NotionNotFound({ what, id: text.slice(0, 100) }))
    : Effect.succeed(id)
}
