import { child, elementsOf, type XmlElement } from "../xml/tree.ts"
import { type Layout, placeholderOf } from "./Layouts.ts"
import type { Place } from "./readingOrder.ts"

export interface Shape {
  readonly node: XmlElement
  /** In fractions of the slide. */
  readonly place: Place
  /** The type of the place-holder that it fills; null for others. */
  readonly placeholder: string | null
  /** The place-holders of layout and master that it fills. */
  readonly inherited: ReadonlyArray<XmlElement>
}

/** From the units of a group to those of the slide. */
interface Scale {
  readonly x: (value: number) => number
  readonly y: (value: number) => number
}

export interface SlideSize {
  readonly width: number
  readonly height: number
}

/** Everything that stands on a slide, groups opened; connectors and the like are left out. */
export const shapesOf = (tree: XmlElement | undefined, layout: Layout, size: SlideSize): ReadonlyArray<Shape> => {
  const whole: Scale = { x: (value) => value / size.width, y: (value) => value / size.height }
  const found: Array<Shape> = []
  const walk = (nodes: ReadonlyArray<XmlElement>, scale: Scale): void => {
    for (const node of nodes) {
      switch (node.name) {
        case "p:grpSp":
          walk(elementsOf(node), inner(child(child(node, "p:grpSpPr"), "a:xfrm"), scale))
          break
        case "mc:AlternateContent": {
          const choice = child(node, "mc:Choice")
          const isKnown = choice !== undefined && elementsOf(choice).some(({ name }) => shapeNames.has(name))
          walk(elementsOf((isKnown ? choice : child(node, "mc:Fallback")) ?? { ...node, children: [] }), scale)
          break
        }
        default:
          if (shapeNames.has(node.name) && !isHidden(node)) found.push(shapeOf(node, layout, scale))
      }
    }
  }
  walk(tree === undefined ? [] : elementsOf(tree), whole)
  return found
}

const shapeNames = new Set(["p:sp", "p:pic", "p:graphicFrame"])

const shapeOf = (node: XmlElement, layout: Layout, scale: Scale): Shape => {
  const placeholder = placeholderOf(node)
  const inherited = placeholder === undefined ? [] : layout.matching(placeholder)
  const frame = [node, ...inherited].map(frameOf).find((each) => each !== undefined)
  return {
    node,
    place: placeOf(frame, scale),
    placeholder: placeholder === undefined ? null : placeholder.attributes.type ?? "body",
    inherited
  }
}

const frameOf = (node: XmlElement): XmlElement | undefined =>
  child(child(node, "p:spPr"), "a:xfrm") ?? child(node, "p:xfrm")

const number = (node: XmlElement | undefined, name: string): number => {
  const value = Number(node?.attributes[name] ?? 0)
  return Number.isFinite(value) ? value : 0
}

/** The place of a frame, within the slide; the whole slide for what has none. */
const placeOf = (frame: XmlElement | undefined, { x, y }: Scale): Place => {
  const [offset, extent] = [child(frame, "a:off"), child(frame, "a:ext")]
  if (offset === undefined || extent === undefined) return { x0: 0, y0: 0, x1: 1, y1: 1 }
  const within = (value: number) => Math.min(Math.max(Number.isFinite(value) ? value : 0, 0), 1)
  const [left, top] = [number(offset, "x"), number(offset, "y")]
  return {
    x0: within(x(left)),
    y0: within(y(top)),
    x1: within(x(left + number(extent, "cx"))),
    y1: within(y(top + number(extent, "cy")))
  }
}

const inner = (frame: XmlElement | undefined, outer: Scale): Scale => {
  const [offset, extent] = [child(frame, "a:off"), child(frame, "a:ext")]
  const [childOffset, childExtent] = [child(frame, "a:chOff"), child(frame, "a:chExt")]
  if (offset === undefined || extent === undefined || childOffset === undefined || childExtent === undefined) {
    return outer
  }
  const along = (axis: "x" | "y", side: "cx" | "cy") => (value: number) =>
    outer[axis](
      number(offset, axis) +
        (value - number(childOffset, axis)) * number(extent, side) / (number(childExtent, side) || 1)
    )
  return { x: along("x", "cx"), y: along("y", "cy") }
}

const isHidden = (node: XmlElement): boolean =>
  elementsOf(node).some((below) => below.name.startsWith("p:nv") && child(below, "p:cNvPr")?.attributes.hidden === "1")
