import type { Box } from "@sheaf/domain/documents/Element"
import { printable } from "./style.ts"

/** Pages that boxes stand on: `41`, `41–43`, and `iv–vi (4–6)` where the document calls them otherwise. Empty without any. */
export const pageRange = (boxes: ReadonlyArray<Box>): string => {
  const pages = boxes.toSorted((one, other) => one.page - other.page)
  const [first, last] = [pages[0], pages.at(-1)]
  if (first === undefined || last === undefined) return ""
  const numbers = range(String(first.page), String(last.page))
  const labels = range(labelOf(first), labelOf(last))
  return labels === numbers ? numbers : `${labels} (${numbers})`
}

const range = (first: string, last: string): string => first === last ? first : `${first}–${last}`

const labelOf = ({ page, pageLabel }: Box): string => pageLabel === undefined ? String(page) : printable(pageLabel)
