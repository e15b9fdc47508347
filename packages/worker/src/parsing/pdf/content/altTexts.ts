import type { PDFPageProxy } from "pdfjs-dist/legacy/build/pdf.mjs"
import { usefulAlt } from "../../opc/usefulAlt.ts"

/** A node of the structure of a page, as far as it is of use here. */
interface StructureNode {
  readonly role?: string
  readonly alt?: string
  readonly children?: ReadonlyArray<StructureNode>
}

/**
 * What the author says of each picture of a page, in their order; empty where nothing is said. Files with a structure name their figures in
 * the order of reading, but not which picture each is: none is named where there are more or fewer figures than pictures.
 */
export const altTexts = async (page: PDFPageProxy, pictures: number): Promise<ReadonlyArray<string>> => {
  const none = Array.from({ length: pictures }, () => "")
  if (pictures === 0) return none
  // The library's type leaves out that there may be no structure, and what is said of a figure.
  const root = await page.getStructTree().catch(() => null) as StructureNode | null
  const found: Array<string> = []
  const look = (node: StructureNode): void => {
    if (node.role === "Figure") found.push(usefulAlt(node.alt ?? ""))
    for (const child of node.children ?? []) look(child)
  }
  if (root !== null) look(root)
  return found.length === pictures ? found : none
}
