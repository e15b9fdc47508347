import { notionHead, notionMediaType } from "../notion/format.ts"
import { jsonType } from "./jsonType.ts"
import { tableType } from "./tableType.ts"

const extensionOf = (name: string): string => /\.([^./\\]{1,12})$/.exec(name)?.[1]?.toLowerCase() ?? ""

const markdownNames = new Set(["md", "markdown", "mdown", "mkd", "mdx", "qmd", "rmd"])
const htmlNames = new Set(["html", "htm", "xhtml", "xht", "shtml"])
/** Names that leave nothing to ask: a program or its data stays plain text, though `# comment` looks like a heading. */
const isPlainName = (extension: string): boolean => extension !== "" && extension !== "txt" && extension !== "text"

const page =
  /^(?:<\?xml[^>]{0,200}\?>\s*)?(?:<!--(?:(?!-->)[\s\S]){0,4000}-->\s*)*<(?:!doctype\s+html|html|head|body)\b/i
const svg =
  /^(?:<\?xml[^>]{0,200}\?>\s*)?(?:<!--(?:(?!-->)[\s\S]){0,4000}-->\s*)*(?:<!doctype\s+svg[^>]{0,300}>\s*)?<svg\b/i
const fragment = /^<(?:article|main|section|div|p|h[1-6]|table|ul|ol|title|meta|header|nav|span|a)\b[^>]*>/i
/** The line that mailboxes put before each mail; one that was taken out of them may have kept it. */
const envelope = /^>?From [^\n]{1,500}\n/
const mail = /^(?:[\w-]{1,40}:[^\n]*\n(?:[ \t][^\n]*\n)*){2,}/

/** Signs of Markdown that other texts hardly have; headings alone do not count, for comments look like them. */
const markdownSigns: ReadonlyArray<RegExp> = [
  /^ {0,3}(?:```|~~~)/m,
  /^ {0,3}\|?(?: *:?-{3,}:? *\|)+ *:?-*:? *$/m,
  /\[[^\]\n]{1,200}\]\([^)\s]{1,500}\)/,
  /(?:^|\s)(?:\*\*|__)[^\s*_][^*_\n]{0,200}(?:\*\*|__)/m,
  /^ {0,3}[-*+] \S.*\n {0,3}[-*+] \S/m
]

/**
 * What kind of text it is, by its beginning (`goesOn`: there is more); the name decides only where the content leaves it open. A type
 * without a parser is named as it is.
 */
export const textType = (start: string, name: string, goesOn: boolean): string => {
  const extension = extensionOf(name)
  const text = start.replace(/^[\ufeff\s]+/, "")
  if (page.test(text)) return "text/html"
  if (svg.test(text)) return "image/svg+xml"
  if (text.startsWith("{\\rtf")) return "application/rtf"
  if (text.startsWith("%!PS")) return "application/postscript"
  const letter = text.replace(envelope, "")
  if (mail.test(letter) && /^(?:mime-version|received|message-id|return-path):/im.test(text.slice(0, 8_192))) {
    return "message/rfc822"
  }
  if (extension === "eml" && /^[\w-]{1,40}:[^\n]*\n/.test(letter)) return "message/rfc822"
  if (text.startsWith(notionHead)) return notionMediaType
  const json = jsonType(text, extension, goesOn)
  if (json !== null) return json
  if (markdownNames.has(extension)) return "text/markdown"
  if (htmlNames.has(extension)) return /<[a-z][^>]*>/i.test(text) ? "text/html" : "text/plain"
  const table = tableType(text, extension, goesOn)
  if (table !== null) return table
  if (isPlainName(extension)) return "text/plain"
  const headings = text.match(/^#{1,6} \S/gm)?.length ?? 0
  const signs = markdownSigns.filter((sign) => sign.test(text)).length
  if (headings > 0 ? signs > 0 : signs > 2) return "text/markdown"
  if (fragment.test(text) && (text.match(/<\/(?:p|div|h[1-6]|li|td|section|article|a|span)>/gi)?.length ?? 0) > 1) {
    return "text/html"
  }
  return "text/plain"
}
