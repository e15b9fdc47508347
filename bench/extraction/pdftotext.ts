import { Effect } from "effect"
import { run } from "../support/node.ts"

/** What `pdftotext` of poppler-utils reads in a file; null where it is not installed or cannot read it. */
export const pdftotext = (path: string, { page }: { readonly page?: number } = {}): Effect.Effect<string | null> => {
  const range = page === undefined ? [] : ["-f", `${page}`, "-l", `${page}`]
  return Effect.catchCause(run("pdftotext", [...range, path, "-"]), () => Effect.succeed(null))
}
