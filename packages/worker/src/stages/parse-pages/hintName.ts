import type { RunContext } from "@sheaf/adapters/repos/runs/RunsRepo"

const endings: Readonly<Record<string, string>> = {
  "text/plain": ".txt",
  "text/markdown": ".md",
  "text/html": ".html"
}

/**
 * The name by which the detector may guess where the content itself says nothing. Text that came with a declared type carries that
 * type's ending; everything else keeps the name it was sent under.
 */
export const hintName = (run: Pick<RunContext, "name" | "declaredType">): string => {
  const ending = run.declaredType === null ? undefined : endings[run.declaredType]
  return ending === undefined || run.name.toLowerCase().endsWith(ending) ? run.name : `${run.name}${ending}`
}
