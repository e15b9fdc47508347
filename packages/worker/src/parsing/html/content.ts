import { attribute, type HtmlElement, isElement, isInvisible, type Node, visit } from "./tree.ts"

interface Measures {
  /** Characters that can be read below, those of them inside links, links, and whether there is a topmost heading. */
  text: number
  linked: number
  links: number
  heading: boolean
  /** Characters in stretches outside of links that are long enough to be sentences. */
  said: number
  /** Headings that lead elsewhere. */
  teasers: number
}

/** Characters of a stretch of text that is a sentence rather than a label. */
const sentence = 40

/** Characters of sentences below a heading that leads elsewhere. */
const longestTeaser = 200

const lowerHeading = /^h[2-6]$/

/** What stands below each element, found in one pass: asking at every level would take quadratic time on a deep page. */
export type Measured = ReadonlyMap<Node, Measures>

export const measure = (document: Node): Measured => {
  const all = new Map<Node, Measures>()
  const open: Array<Measures> = []
  let inside = 0
  let inHeading = 0
  visit(document, {
    enter: (node) => {
      const top = open.at(-1)
      if (node.nodeName === "#text" && "value" in node && top !== undefined) {
        const { length } = node.value.trim()
        top.text += length
        if (inside > 0) top.linked += length
        else if (length >= sentence) top.said += length
      }
      if (!("childNodes" in node) || isElement(node) && isInvisible(node)) return false
      if (node.nodeName === "a") inside++
      if (lowerHeading.test(node.nodeName)) inHeading++
      const leads = inside > 0 && inHeading > 0 && (node.nodeName === "a" || lowerHeading.test(node.nodeName))
      const own = {
        text: 0,
        linked: 0,
        links: node.nodeName === "a" ? 1 : 0,
        heading: node.nodeName === "h1",
        said: 0,
        teasers: leads ? 1 : 0
      }
      all.set(node, own)
      open.push(own)
      return true
    },
    leave: (node) => {
      if (node.nodeName === "a") inside--
      if (lowerHeading.test(node.nodeName)) inHeading--
      const own = open.pop()!
      const top = open.at(-1)
      if (top === undefined) return
      top.text += own.text
      top.linked += own.linked
      top.links += own.links
      top.heading ||= own.heading
      top.said += own.said
      top.teasers += own.teasers
    }
  })
  return all
}

const aside = new Set(["nav", "aside", "footer"])
const asideRoles = new Set([
  "navigation",
  "banner",
  "contentinfo",
  "complementary",
  "search",
  "menu",
  "menubar",
  "dialog"
])
const asideNames =
  /(?:^|[\s_-])(?:nav|navbar|navigation|menu|sidebar|breadcrumbs?|cookies?|consent|share|sharing|social|related|recommended|comments?|disqus|advert(?:isement)?|ads?|promo|sponsor(?:ed)?|newsletter|subscribe|pagination|pager|skip-?link|masthead|footer|outbrain|taboola|popup|modal)(?:$|[\s_-])/i
const contentNames = /(?:^|[\s_-])(?:article|content|main|body|post|entry|story|text)(?:$|[\s_-])/i

const nothing: Measures = { text: 0, linked: 0, links: 0, heading: false, said: 0, teasers: 0 }

/** By its classes and its id, word by word. Long ones are made of a heading, and say what the part is about. */
const isNamedAside = (node: HtmlElement): boolean => {
  const names = `${attribute(node, "class") ?? ""} ${attribute(node, "id") ?? ""}`.slice(0, 2_000).split(/\s+/)
    .map((name) => name.replace(/([a-z])([A-Z])/g, "$1-$2"))
    .filter((name) => name !== "" && name.split(/[_-]+/).length < 5)
  return names.some((name) => asideNames.test(name)) && !names.some((name) => contentNames.test(name))
}

/** Around the content rather than of it: menus, footers, cookie notices and their like. */
export const isAside = (document: Node, measured: Measured) => (node: HtmlElement): boolean => {
  if (aside.has(node.tagName) || asideRoles.has(attribute(node, "role") ?? "")) return true
  const { heading, linked, links, said, teasers, text } = measured.get(node) ?? nothing
  // Three links or more and hardly a word between them.
  const mostlyLinks = links > 2 && linked > 0.8 * text
  if (node.tagName === "header") return !heading && (mostlyLinks || text < 200)
  if (/^(?:body|html|main|article)$/.test(node.tagName)) return false
  // Names mislead: what holds much of the page is no aside, whatever it is called.
  if (text > 0.4 * (measured.get(document)?.text ?? 0)) return false
  if (!heading && isNamedAside(node)) return true
  // Cards that lead elsewhere: titles and dates, and hardly a sentence among them.
  const cards = links > 2 && said === 0 && linked > 0.4 * text || teasers > 1 && said < longestTeaser * teasers
  return (mostlyLinks || cards) && /^(?:ul|ol|div|table|section)$/.test(node.tagName)
}

/**
 * Where the page's own content stands: the element that says so, if it says enough, else the body. A page that has several
 * articles and no `main` is a list of them, and stays whole.
 */
export const contentRoot = (document: Node, measured: Measured): Node => {
  const mains: Array<HtmlElement> = []
  const articles: Array<HtmlElement> = []
  visit(document, {
    enter: (node) => {
      if (!isElement(node)) return "childNodes" in node
      if (node.tagName === "main" || attribute(node, "role") === "main") mains.push(node)
      else if (node.tagName === "article" || attribute(node, "itemprop") === "articleBody") articles.push(node)
      return node.tagName !== "article"
    }
  })
  const [candidate] = mains.length > 0 ? mains : articles.length === 1 ? articles : []
  if (candidate === undefined) return document
  const length = (node: Node): number => measured.get(node)?.text ?? 0
  return length(candidate) * 4 >= length(document) ? candidate : document
}
