import { type DefaultTreeAdapterTypes } from "parse5"

export type Node = DefaultTreeAdapterTypes.Node
export type HtmlElement = DefaultTreeAdapterTypes.Element

export const isElement = (node: Node): node is HtmlElement => "tagName" in node

export const attribute = (node: HtmlElement, name: string): string | undefined =>
  node.attrs.find((candidate) => candidate.name === name)?.value

export interface Visitor {
  /** False leaves out what is below, and `leave` too. */
  readonly enter: (node: Node) => boolean
  readonly leave?: (node: Node) => void
}

/** Depth first, with a stack of its own: pages may nest as deep as they like. */
export const visit = (root: Node, visitor: Visitor): void => {
  const stack: Array<{ readonly node: Node; next: number }> = []
  const open = (node: Node) => {
    if (visitor.enter(node)) stack.push({ node, next: 0 })
  }
  open(root)
  while (stack.length > 0) {
    const top = stack.at(-1)!
    const child = "childNodes" in top.node ? top.node.childNodes[top.next] : undefined
    if (child === undefined) {
      stack.pop()
      visitor.leave?.(top.node)
    } else {
      top.next++
      open(child)
    }
  }
}

const neverText = new Set([
  "script",
  "style",
  "noscript",
  "template",
  "iframe",
  "object",
  "embed",
  "svg",
  "canvas",
  "audio",
  "video",
  "map",
  "select",
  "button",
  "textarea",
  "input",
  "datalist",
  "dialog",
  "rt",
  "rp",
  "head",
  "title",
  "link",
  "meta"
])

/** Not seen by a reader: programs, controls, what is hidden. */
export const isInvisible = (node: HtmlElement): boolean => {
  if (neverText.has(node.tagName)) return true
  return node.attrs.some(({ name, value }) =>
    name === "hidden" && value !== "until-found" || name === "aria-hidden" && value === "true" ||
    name === "style" && /(?:display\s*:\s*none|visibility\s*:\s*hidden)/i.test(value)
  )
}

const breaking = new Set(["br", "p", "div", "li", "tr", "dt", "dd", "td", "th", "h1", "h2", "h3", "h4", "h5", "h6"])

/** All that can be read below a node, white space as written; a line feed where a block begins or a line breaks. */
export const textOf = (root: Node): string => {
  const parts: Array<string> = []
  visit(root, {
    enter: (node) => {
      if (node.nodeName === "#text" && "value" in node) parts.push(node.value)
      if (!isElement(node)) return "childNodes" in node
      if (node !== root && isInvisible(node)) return false
      if (breaking.has(node.tagName)) parts.push("\n")
      if (node.tagName === "img") parts.push(altOf(node))
      return true
    },
    leave: (node) => {
      if (isElement(node) && node.tagName !== "br" && breaking.has(node.tagName)) parts.push("\n")
    }
  })
  return parts.join("")
}

/** What an image says instead of itself; empty for decoration and for names of files. */
export const altOf = (node: HtmlElement): string => {
  const alt = attribute(node, "alt")?.trim() ?? ""
  return alt.length < 3 || /^\S+\.(?:png|jpe?g|gif|svg|webp)$/i.test(alt) ? "" : ` ${alt} `
}
