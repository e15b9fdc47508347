import { oneLine } from "@sheaf/domain/documents/cleanText"
import type { ParseOutput } from "../Parser.ts"
import { child, descendants, textOf, type XmlElement } from "../xml/tree.ts"
import type { Package, Relationship } from "./openPackage.ts"
import { optionalTree } from "./optionalTree.ts"

/** Charts and diagrams of one part; points of one series. */
const maxGraphics = 500
const maxPoints = 200

/** What charts and diagrams say, by their parts, for all to which a part refers. */
export const graphicsOf = async (
  source: Package,
  relationships: ReadonlyMap<string, Relationship>,
  output: Pick<ParseOutput, "warn">
): Promise<ReadonlyMap<string, string>> => {
  const found = new Map<string, string>()
  for (const { external, kind, target } of relationships.values()) {
    if (external || (kind !== "chart" && kind !== "diagramData") || found.size >= maxGraphics) continue
    const root = await optionalTree(source, target, output)
    if (root !== null) found.set(target, kind === "chart" ? chartText(root) : diagramText(root))
  }
  return found
}

/** The words in a diagram, shape by shape. */
const diagramText = (root: XmlElement): string =>
  [...descendants(root, "dgm:t")].map((shape) => lettersOf(shape)).filter((text) => text !== "").join("; ")

/** A chart's titles, and each series with its values by category. */
const chartText = (root: XmlElement): string => {
  const titles = [...descendants(root, "c:title")].map(lettersOf)
  const series = [...descendants(root, "c:ser")].map((each) => {
    const name = [...descendants(child(each, "c:tx") ?? each, "c:v")].slice(0, 1).map(textOf).join("")
    const categories = pointsOf(child(each, "c:cat") ?? child(each, "c:xVal"))
    const values = [...pointsOf(child(each, "c:val") ?? child(each, "c:yVal"))].slice(0, maxPoints)
    const points = values.map(([at, value]) => `${categories.get(at) ?? ""} ${value}`.trim())
    return `${child(each, "c:tx") === undefined ? "" : `${name}: `}${points.join(", ")}`
  })
  return [...titles, ...series].map(oneLine).filter((text) => text !== "").join("; ")
}

const pointsOf = (values: XmlElement | undefined): ReadonlyMap<string, string> =>
  new Map(
    values === undefined ? [] : [...descendants(values, "c:pt")].map((point) => [
      point.attributes.idx ?? "",
      short(textOf(child(point, "c:v")))
    ])
  )

/** Numbers as programs store them have digits that nobody has typed. */
const short = (value: string): string =>
  /^-?\d+\.\d{7,}$/.test(value) ? String(Number(Number(value).toPrecision(12))) : value

const lettersOf = (node: XmlElement): string => oneLine([...descendants(node, "a:t")].map(textOf).join(" "))
