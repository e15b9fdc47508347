/** One table has a foreign key to another. */
export interface Reference {
  readonly from: string
  readonly to: string
}

/**
 * Tables in an order in which they can be emptied: what refers to another comes before it. Where two refer to each other (a document names
 * its published run), the order between them is that of the names: rows that really do are not left by the purges that come before.
 */
export const inOrder = (
  tables: ReadonlyArray<string>,
  references: ReadonlyArray<Reference>
): ReadonlyArray<string> => {
  const ordered: Array<string> = []
  const seen = new Set<string>()
  const visit = (table: string) => {
    if (seen.has(table)) return
    seen.add(table)
    for (const { from, to } of references) if (to === table && from !== table) visit(from)
    if (tables.includes(table)) ordered.push(table)
  }
  for (const table of [...tables].sort()) visit(table)
  return ordered
}
