import type { Element } from "@sheaf/domain/documents/Element"
import { Result } from "effect"

/** The element with its text changed, cell by cell where it is a table with cells. The first complaint ends it. */
export const mapText = (
  element: Element,
  change: (text: string) => Result.Result<string, string>
): Result.Result<Element, string> => {
  if (element.rows === undefined) return Result.map(change(element.text), (text) => ({ ...element, text }))
  const rows: Array<ReadonlyArray<string>> = []
  for (const row of element.rows) {
    const cells: Array<string> = []
    for (const cell of row) {
      const changed = change(cell)
      if (Result.isFailure(changed)) return Result.fail(changed.failure)
      cells.push(changed.success)
    }
    rows.push(cells)
  }
  // The text follows from the cells.
  return Result.succeed({ ...element, rows })
}

/** For changes that always work. */
export const mapTextWith = (element: Element, change: (text: string) => string): Result.Result<Element, string> =>
  mapText(element, (text) => Result.succeed(change(text)))
