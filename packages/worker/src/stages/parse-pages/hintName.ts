import type { Markup } from "@sheaf/domain/runs/RunSettings"
import type { RunContext } from "@sheaf/adapters/repos/runs/RunsRepo"

const endings: Readonly<Record<string, string>> = {
  "text/plain": ".txt",
  "text/markdown": ".md",
  "text/html": ".html"
}

const markups: { readonly [M in Markup]: string } = { plain: ".txt", markdown: ".md", html: ".html" }

/**
 * The name by which the detector may guess where the content itself says nothing. Text that came with a declared type carries that
 * type's ending, and so does text that is to be read as something; everything else keeps the name it was sent under.
 */
export const hintName = (run: Pick<RunContext, "name" | "declaredType" | "config">): string => {
  const { markup } = run.config.parsing ?? {}
  const ending = markup !== undefined
    ? markups[markup]
    : run.declaredType === null
    ? undefined
    : endings[run.declaredType]
  return ending === undefined || run.name.toLowerCase().endsWith(ending) ? run.name : `${run.name}${ending}`
}
