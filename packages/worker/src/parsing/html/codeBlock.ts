import { codeLanguage } from "@sheaf/domain/documents/codeLanguage"
import type { Element } from "@sheaf/domain/documents/Element"
import { attribute, type HtmlElement, isElement, type Node } from "./tree.ts"

/** HTML's own way to name a language (and Prism's, Rouge's). */
const named = /(?:^|\s)lang(?:uage)?-(\S+)/

/** How GitHub and Sphinx name it. */
const highlighted = /(?:^|\s)highlight-(?:source-)?(\S+)/

/** Programs that colour code put it into boxes, so many at most. */
const boxes = 2

/** The language of a block of code, where the block says it, what is in it, or a box around it that is for code. */
export const languageOf = (block: HtmlElement): Pick<Element, "language"> => {
  const inside = block.childNodes.find(isElement)
  const own = languageIn(block) ?? (inside === undefined ? undefined : languageIn(inside))
  if (own !== undefined) return { language: own }
  let around: Node | null = block.parentNode
  for (let at = 0; at < boxes && around !== null && isElement(around); at++) {
    const language = classOf(around).includes("highlight") ? languageIn(around) : undefined
    if (language !== undefined) return { language }
    around = around.parentNode
  }
  return {}
}

const classOf = (node: HtmlElement): string => attribute(node, "class") ?? ""

const languageIn = (node: HtmlElement): string | undefined => {
  const marked = named.exec(classOf(node)) ?? highlighted.exec(classOf(node))
  return codeLanguage(marked?.[1] ?? "")
}
