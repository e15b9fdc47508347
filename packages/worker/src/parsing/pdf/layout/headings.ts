import type { Block } from "./blocks.ts"
import { type DocumentFacts, titleKey } from "../facts.ts"

const numbered = /^(?:(\d{1,2}\.?|\d{1,3}(?:\.\d{1,3}){1,5}\.?)|[A-Z](?:\.\d{1,3}){1,5}\.?)\s+["'“‘(]?[\p{Lu}\p{Lo}]/u
const chapter =
  /^(?:chapter|part|appendix|kapitel|teil|anhang|chapitre|annexe|capítulo|第\s*[\d一二三四五六七八九十]+\s*[章部編])(?:\s|$|\P{L})/iu

/**
 * The level of a title, or null for other text. A title is bigger than the body, or bold, or in the outline; it is short, and stands in
 * a block of its own. Its level is that in the outline, else that of its number, else that of its size: what does not depend on
 * other pages, so that ranges agree.
 */
export const headingLevel = (block: Block, facts: DocumentFacts): number | null => {
  const { bold, text } = block
  if (block.kind === "code" || block.kind === "table" || block.lines > 4 || text.length > 200) return null
  if (!/\p{L}{2}|[\u3040-\u9fff\uac00-\ud7af]|^[\dIVX]+$/u.test(text)) return null
  const ratio = block.size / facts.bodySize
  const depth = facts.outline.get(titleKey(text))
  const big = ratio >= 1.15
  const sentence = /[.,;:!]$/.test(text) && !/\betc\.$|\d\.$/.test(text)
  const stands = big || bold && ratio > 0.85 && block.lines <= 2 && !sentence ||
    depth !== undefined && ratio > 0.95 && bold
  if (!stands || ratio < 1.35 && sentence && text.length > 60) return null
  if (block.kind === "item" && !numbered.test(text)) return null
  if (depth !== undefined) return Math.min(depth, 6)
  if (chapter.test(text)) return 1
  const number = numbered.exec(text)
  if (number !== null) {
    return Math.min((number[1] ?? text.split(/\s/)[0]!).split(".").filter((part) => part !== "").length, 6)
  }
  return ratio >= 1.7 ? 1 : ratio >= 1.35 ? 2 : ratio >= 1.15 ? 3 : 4
}
