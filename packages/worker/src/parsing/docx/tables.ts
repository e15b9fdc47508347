import { child, childrenOf, elementsOf, type XmlElement } from "../xml/tree.ts"

/** Columns of one table that are told apart. */
const maxColumns = 200

/** Rows and cells of a table, through what is wrapped around them; rows that were deleted are left out. */
export const rowsOf = (table: XmlElement): ReadonlyArray<XmlElement> =>
  through(table, "w:tr").filter((row) => child(child(row, "w:trPr"), "w:del") === undefined)

export const cellsOf = (row: XmlElement): ReadonlyArray<XmlElement> => through(row, "w:tc")

const through = (node: XmlElement, name: string): ReadonlyArray<XmlElement> =>
  elementsOf(node).flatMap((below) => {
    if (below.name === name) return [below]
    return /^w:(?:sdt|sdtContent|customXml|ins|moveTo)$/.test(below.name) ? through(below, name) : []
  })

/**
 * The cells' texts, as `textOf` reads them. A cell over several columns leaves the others empty, so that columns stay columns; one over
 * several rows is said again in each, so that every row can be understood by itself.
 */
export const gridOf = (
  table: XmlElement,
  textOf: (cell: XmlElement) => string
): ReadonlyArray<ReadonlyArray<string>> => {
  let above: ReadonlyArray<string> = []
  return rowsOf(table).map((row) => {
    const cells: Array<string> = Array.from({ length: countOf(child(row, "w:trPr"), "w:gridBefore", 0) }, () => "")
    for (const cell of cellsOf(row)) {
      const properties = child(cell, "w:tcPr")
      const [merge] = childrenOf(properties, "w:vMerge")
      const goesOn = merge !== undefined && merge.attributes["w:val"] !== "restart"
      // Read in any case: what it holds besides text is found by reading.
      const text = textOf(cell)
      cells.push(goesOn && text === "" ? above[cells.length] ?? "" : text)
      for (let span = countOf(properties, "w:gridSpan", 1); span > 1; span--) cells.push("")
    }
    above = cells
    return cells
  })
}

const countOf = (properties: XmlElement | undefined, name: string, usual: number): number => {
  const count = Math.trunc(Number(child(properties, name)?.attributes["w:val"] ?? usual))
  return Number.isFinite(count) ? Math.min(Math.max(count, usual), maxColumns) : usual
}
