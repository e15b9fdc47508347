import { attribute, type HtmlElement, isElement, isInvisible, type Node, visit } from "./tree.ts"

/** Text that is read rather than chosen from: characters of it below each element. */
export type Prose = ReadonlyMap<Node, number>

/** Characters of a stretch of text that is a sentence rather than a label. */
const sentence = 40

const blocks = new Set([
  "p",
  "li",
  "td",
  "th",
  "dd",
  "dt",
  "pre",
  "blockquote",
  "div",
  "section",
  "article",
  "main",
  "body",
  "figcaption",
  "br",
  "h1",
  "h2",
  "h3",
  "h4",
  "h5",
  "h6"
])

/** Counts what stands outside of links in stretches of some length, in one pass. */
export const proseOf = (document: Node, isAside: (node: HtmlElement) => boolean): Prose => {
  const all = new Map<Node, number>()
  const open: Array<Node> = []
  let links = 0
  let run = 0
  const end = () => {
    // Code and cells are short, and count all the same, but little.
    const counted = run >= sentence ? run : run / 4
    run = 0
    const owner = open.at(-1)
    if (owner !== undefined) all.set(owner, (all.get(owner) ?? 0) + counted)
  }
  visit(document, {
    enter: (node) => {
      if (node.nodeName === "#text" && "value" in node && links === 0) run += node.value.trim().length
      if (!("childNodes" in node)) return false
      if (isElement(node)) {
        if (isInvisible(node) || isAside(node)) return false
        if (blocks.has(node.tagName)) end()
      }
      if (node.nodeName === "a") links++
      open.push(node)
      return true
    },
    leave: (node) => {
      if (node.nodeName === "a") links--
      if (isElement(node) && blocks.has(node.tagName)) end()
      open.pop()
      const parent = open.at(-1)
      if (parent !== undefined) all.set(parent, (all.get(parent) ?? 0) + (all.get(node) ?? 0))
    }
  })
  return all
}

/** Share of the text that a part must hold to stand for the whole. */
const most = 0.8

/** Parts of one text are made alike: one may be much longer than the others. */
const isLike = (one: Node, other: Node, prose: Prose): boolean =>
  isElement(one) && isElement(other) && one.tagName === other.tagName && (prose.get(one) ?? 0) >= 2 * sentence &&
  attribute(one, "class") === attribute(other, "class")

const containers = new Set(["body", "main", "article", "section", "div", "td", "form", "center"])
const flow = new Set(["h2", "h3", "h4", "h5", "h6", "pre", "table", "ul", "ol", "dl", "blockquote", "figure"])

/** Text itself, rather than a part of the page that text may stand in. */
const isFlow = (node: Node, prose: Prose): boolean =>
  isElement(node) && prose.has(node) &&
  (flow.has(node.tagName) || node.tagName === "p" && prose.get(node)! >= 2 * sentence)

/**
 * The innermost element that holds nearly all that is to be read: from the outside in, as long as one child does and what stands beside it
 * is neither text nor made like it.
 */
export const densest = (root: Node, prose: Prose): Node => {
  const total = prose.get(root) ?? 0
  let inner = root
  for (;;) {
    const children: ReadonlyArray<Node> = "childNodes" in inner ? inner.childNodes : []
    const next = children.find((child) => (prose.get(child) ?? 0) > most * total)
    if (next === undefined || !isElement(next)) return inner
    if (next.tagName !== "html" && !containers.has(next.tagName)) return inner
    if (children.some((child) => child !== next && (isLike(child, next, prose) || isFlow(child, prose)))) return inner
    inner = next
  }
}
