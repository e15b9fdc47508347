import type { Element } from "@sheaf/domain/documents/Element"
import { usefulAlt } from "../opc/usefulAlt.ts"
import type { Relationship } from "../opc/openPackage.ts"
import type { Block } from "../opc/Pictures.ts"
import { tableElements } from "../opc/tableElements.ts"
import { child, childrenOf, descendants, elementsOf, type XmlElement } from "../xml/tree.ts"
import type { Layout } from "./Layouts.ts"
import { readingOrder } from "./readingOrder.ts"
import { type Shape, shapesOf, type SlideSize } from "./shapes.ts"
import { bodyBlocks, flatText } from "./textBody.ts"

export interface Slide {
  /** From 1. */
  readonly number: number
  readonly root: XmlElement
  readonly layout: Layout
  readonly relationships: ReadonlyMap<string, Relationship>
  /** Text of charts and diagrams, by their parts. */
  readonly graphics: ReadonlyMap<string, string>
  /** What the speaker is to say. */
  readonly notes: XmlElement | null
}

/** On every slide, and not of it. */
const furniture = new Set(["dt", "ftr", "hdr", "sldNum"])

const isTitle = ({ placeholder }: Shape): boolean => placeholder === "title" || placeholder === "ctrTitle"

/**
 * A slide's blocks: its title, what stands on it in the order of reading, then the notes. Pictures that say nothing go with the block
 * that follows, or the last one; where there is none they are called by their slide.
 */
export const slideBlocks = (slide: Slide, size: SlideSize): ReadonlyArray<Block> => {
  const tree = child(child(slide.root, "p:cSld"), "p:spTree")
  const shapes = shapesOf(tree, slide.layout, size).filter(({ placeholder }) => !furniture.has(placeholder ?? ""))
  const ordered = [...shapes.filter(isTitle), ...readingOrder(shapes.filter((shape) => !isTitle(shape)))]
  const found: Array<Block> = []
  let images: Array<string> = []
  for (const shape of ordered) {
    for (const block of shapeBlocks(shape, slide)) {
      const says = block.rows !== undefined || block.text.trim() !== ""
      if (!says) images.push(...block.images ?? [])
      else {
        found.push({ ...block, ...(images.length > 0 && { images: [...images, ...block.images ?? []] }) })
        images = []
      }
    }
  }
  for (const text of notesOf(slide.notes)) {
    found.push({
      kind: "paragraph",
      text: `Notes: ${text}`,
      boxes: [{ page: slide.number, x0: 0, y0: 0, x1: 1, y1: 1 }]
    })
  }
  if (images.length === 0) return found
  const last = found.at(-1)
  if (last === undefined) return unnamed(ordered, slide)
  found[found.length - 1] = { ...last, images: [...last.images ?? [], ...images] }
  return found
}

/** What is on a slide that has nothing but pictures of which nothing is said. */
const unnamed = (shapes: ReadonlyArray<Shape>, slide: Slide): ReadonlyArray<Block> =>
  shapes.flatMap((shape) =>
    [...shapeBlocks(shape, slide)].filter(({ images = [] }) => images.length > 0)
      .map((block): Block => Object.assign({}, block, { kind: "image", text: `Picture on slide ${slide.number}` }))
  )

const shapeBlocks = function*(shape: Shape, slide: Slide): Generator<Block> {
  const { node, place } = shape
  const boxes: Element["boxes"] = [{ page: slide.number, ...place }]
  if (node.name === "p:pic") return yield { ...pictureOf(node, slide), boxes }
  if (node.name === "p:graphicFrame") {
    for (const block of graphicBlocks(node, slide)) yield { ...block, boxes }
    return
  }
  const body = child(node, "p:txBody")
  if (isTitle(shape)) return yield { kind: "title", level: 1, text: flatText(body), boxes }
  const inherits = shape.placeholder !== null && shape.placeholder !== "subTitle"
  const styles = [body, ...shape.inherited.map((each) => child(each, "p:txBody"))].map((each) =>
    child(each, "a:lstStyle")
  )
  for (const block of bodyBlocks(body, inherits ? [...styles, slide.layout.bodyStyle] : styles)) {
    yield { ...block, boxes }
  }
}

const pictureOf = (node: XmlElement, { relationships }: Slide): Omit<Block, "boxes"> => {
  const [blip] = descendants(child(node, "p:blipFill") ?? node, "a:blip")
  const picture = relationships.get(blip?.attributes["r:embed"] ?? "")
  const text = usefulAlt(child(child(node, "p:nvPicPr"), "p:cNvPr")?.attributes.descr ?? "")
  return {
    kind: "image",
    text,
    ...(picture !== undefined && !picture.external && { images: [picture.target] })
  }
}

const graphicBlocks = function*(node: XmlElement, { graphics, relationships }: Slide): Generator<Omit<Block, "boxes">> {
  for (const found of descendants(node, "a:tbl", "c:chart", "dgm:relIds")) {
    if (found.name === "a:tbl") yield* tableElements(rowsOf(found))
    else {
      const id = found.attributes[found.name === "c:chart" ? "r:id" : "r:dm"] ?? ""
      const text = graphics.get(relationships.get(id)?.target ?? "") ?? ""
      yield { kind: "paragraph", text }
    }
  }
}

/** Merged cells as elsewhere: over columns the first has the text, over rows each is told it. */
const rowsOf = (table: XmlElement): ReadonlyArray<ReadonlyArray<string>> => {
  let above: ReadonlyArray<string> = []
  return childrenOf(table, "a:tr").map((row) => {
    const cells = childrenOf(row, "a:tc").map((cell, at) =>
      cell.attributes.vMerge === "1" ? above[at] ?? "" : flatText(child(cell, "a:txBody"))
    )
    above = cells
    return cells
  })
}

const notesOf = (root: XmlElement | null): ReadonlyArray<string> => {
  if (root === null) return []
  const tree = child(child(root, "p:cSld"), "p:spTree")
  return (tree === undefined ? [] : elementsOf(tree))
    .filter((shape) => child(child(child(shape, "p:nvSpPr"), "p:nvPr"), "p:ph")?.attributes.type === "body")
    .map((shape) => flatText(child(shape, "p:txBody"))).filter((text) => text !== "")
}
