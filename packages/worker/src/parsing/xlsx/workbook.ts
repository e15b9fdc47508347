import type { Package, Relationship } from "../opc/openPackage.ts"
import { optionalTree } from "../opc/optionalTree.ts"
import type { ParseOutput } from "../Parser.ts"
import { child, childrenOf, type XmlElement } from "../xml/tree.ts"
import { type Show, showOf } from "./numberFormat.ts"
import { readStrings, type StringTable } from "./StringTable.ts"

export interface Sheet {
  readonly name: string
  readonly part: string
  readonly hidden: boolean
}

export interface Workbook {
  readonly sheets: ReadonlyArray<Sheet>
  readonly strings: StringTable
  /** How numbers of a cell's style are shown. */
  readonly show: (style: number) => Show
}

export const readWorkbook = async (source: Package, output: Pick<ParseOutput, "warn">): Promise<Workbook> => {
  const root = await source.tree(source.main)
  const relationships = await source.relationships(source.main)
  const partOf = (kind: string) =>
    [...relationships.values()].find((each) => each.kind === kind && !each.external)?.target
  const strings = partOf("sharedStrings")
  const date1904 = /^(?:1|true|on)$/.test(child(root ?? undefined, "x:workbookPr")?.attributes.date1904 ?? "")
  return {
    sheets: sheetsOf(root, relationships).filter(({ part }) => source.has(part)),
    strings: await readStrings(strings !== undefined && source.has(strings) ? source.stream(strings) : null),
    show: stylesOf(await optionalTree(source, partOf("styles"), output), date1904)
  }
}

const sheetsOf = (
  root: XmlElement | null,
  relationships: ReadonlyMap<string, Relationship>
): ReadonlyArray<Sheet> =>
  childrenOf(child(root ?? undefined, "x:sheets"), "x:sheet").flatMap(({ attributes }) => {
    const relationship = relationships.get(attributes["r:id"] ?? "")
    if (relationship === undefined || relationship.external) return []
    return [{
      name: attributes.name ?? "",
      part: relationship.target,
      hidden: attributes.state === "hidden" || attributes.state === "veryHidden"
    }]
  })

const stylesOf = (root: XmlElement | null, date1904: boolean): Workbook["show"] => {
  const codes = new Map(
    childrenOf(child(root ?? undefined, "x:numFmts"), "x:numFmt").map(({ attributes }) => [
      Number(attributes.numFmtId),
      (attributes.formatCode ?? "").slice(0, 255)
    ])
  )
  const formats = childrenOf(child(root ?? undefined, "x:cellXfs"), "x:xf")
    .map(({ attributes }) => Number(attributes.numFmtId ?? 0))
  const known = new Map<number, Show>()
  return (style) => {
    const id = formats[style] ?? 0
    const ready = known.get(id)
    if (ready !== undefined) return ready
    const show = showOf(id, codes.get(id), date1904)
    known.set(id, show)
    return show
  }
}
