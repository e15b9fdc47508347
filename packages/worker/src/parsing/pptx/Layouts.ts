import type { Package } from "../opc/openPackage.ts"
import { optionalTree } from "../opc/optionalTree.ts"
import type { ParseOutput } from "../Parser.ts"
import { child, descendants, type XmlElement } from "../xml/tree.ts"

/** What a slide's place-holders inherit: from its layout, and from the master of that. */
export interface Layout {
  /** The place-holders that stand for one of a slide, nearest first. */
  readonly matching: (placeholder: XmlElement) => ReadonlyArray<XmlElement>
  /** How the master writes bodies of text. */
  readonly bodyStyle: XmlElement | undefined
}

/** Layouts, each read once. */
export class Layouts {
  readonly #source: Package
  readonly #output: Pick<ParseOutput, "warn">
  readonly #known = new Map<string, Promise<XmlElement | null>>()

  constructor(source: Package, output: Pick<ParseOutput, "warn">) {
    this.#source = source
    this.#output = output
  }

  async of(slide: string): Promise<Layout> {
    const layout = await this.#referred(slide, "slideLayout")
    const master = layout === undefined ? undefined : await this.#referred(layout, "slideMaster")
    const trees = [await this.#tree(layout), await this.#tree(master)]
    const shapes = trees.map((tree) => tree === null ? [] : [...descendants(tree, "p:sp")])
    return {
      matching: (placeholder) =>
        shapes.flatMap((level, at) => level.find((shape) => isSame(placeholderOf(shape), placeholder, at === 0)) ?? []),
      bodyStyle: child(child(trees[1] ?? undefined, "p:txStyles"), "p:bodyStyle")
    }
  }

  async #referred(part: string, kind: string): Promise<string | undefined> {
    return [...(await this.#source.relationships(part)).values()].find((each) => each.kind === kind && !each.external)
      ?.target
  }

  #tree(part: string | undefined): Promise<XmlElement | null> {
    if (part === undefined) return Promise.resolve(null)
    const tree = this.#known.get(part) ?? optionalTree(this.#source, part, this.#output)
    this.#known.set(part, tree)
    return tree
  }
}

/** A layout's place-holder has the number of the slide's; a master has one of each type, and writes the centred title like any other. */
const isSame = (candidate: XmlElement | undefined, wanted: XmlElement, byNumber: boolean): boolean => {
  if (candidate === undefined) return false
  const number = (node: XmlElement) => node.attributes.idx ?? "0"
  if (byNumber && (wanted.attributes.idx ?? candidate.attributes.idx) !== undefined) {
    return number(candidate) === number(wanted)
  }
  return typeOf(candidate) === typeOf(wanted)
}

const typeOf = (placeholder: XmlElement): string => {
  const type = placeholder.attributes.type ?? "body"
  if (type === "ctrTitle") return "title"
  return /^(?:obj|subTitle|tbl|chart|dgm|media|pic|clipArt)$/.test(type) ? "body" : type
}

/** What a shape says of being a place-holder. */
export const placeholderOf = (shape: XmlElement): XmlElement | undefined => {
  for (const name of ["p:nvSpPr", "p:nvPicPr", "p:nvGraphicFramePr"]) {
    const found = child(child(child(shape, name), "p:nvPr"), "p:ph")
    if (found !== undefined) return found
  }
  return undefined
}
