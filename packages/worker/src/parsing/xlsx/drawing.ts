import { graphicsOf } from "../opc/graphicsText.ts"
import type { Package, Relationship } from "../opc/openPackage.ts"
import { optionalTree } from "../opc/optionalTree.ts"
import type { Block } from "../opc/Pictures.ts"
import { usefulAlt } from "../opc/usefulAlt.ts"
import type { ParseOutput } from "../Parser.ts"
import { child, descendants, textOf, type XmlElement } from "../xml/tree.ts"

/** What is drawn over a sheet: text boxes, pictures with what they show, charts and diagrams. */
export const drawingBlocks = async function*(
  source: Package,
  sheet: string,
  output: Pick<ParseOutput, "warn">
): AsyncGenerator<Block> {
  for (const { external, kind, target } of (await source.relationships(sheet)).values()) {
    if (kind !== "drawing" || external) continue
    const root = await optionalTree(source, target, output)
    if (root === null) continue
    const relationships = await source.relationships(target)
    const graphics = await graphicsOf(source, relationships, output)
    for (const found of descendants(root, "xdr:sp", "xdr:pic", "c:chart", "dgm:relIds")) {
      const block = blockOf(found, relationships, graphics)
      if (block !== null) yield block
    }
  }
}

const blockOf = (
  found: XmlElement,
  relationships: ReadonlyMap<string, Relationship>,
  graphics: ReadonlyMap<string, string>
): Block | null => {
  const partOf = (id: string | undefined): string | undefined => {
    const relationship = relationships.get(id ?? "")
    return relationship === undefined || relationship.external ? undefined : relationship.target
  }
  switch (found.name) {
    case "xdr:sp": {
      const text = [...descendants(found, "a:p")].map((line) => [...descendants(line, "a:t")].map(textOf).join(""))
        .join("\n")
      return { kind: "paragraph", text, boxes: [] }
    }
    case "xdr:pic": {
      const [properties] = descendants(child(found, "xdr:nvPicPr") ?? found, "xdr:cNvPr")
      const [blip] = descendants(found, "a:blip")
      const part = partOf(blip?.attributes["r:embed"])
      const text = usefulAlt(properties?.attributes.descr ?? "")
      return { kind: "image", text, boxes: [], ...(part !== undefined && { images: [part] }) }
    }
    default: {
      const text = graphics.get(partOf(found.attributes["r:id"] ?? found.attributes["r:dm"]) ?? "") ?? ""
      return { kind: "paragraph", text, boxes: [] }
    }
  }
}
