import iconv from "iconv-lite"
import { parse } from "parse5"
import { declaredCharset } from "../detect/declaredCharset.ts"
import type { Node } from "../html/tree.ts"
import type { Zip } from "../zip/openZip.ts"

/** Bytes of one document of a book. */
const maxBytes = 32 * 1_024 * 1_024

/** In HTML, elements that hold text have an end; in XML they may do without one. */
const endless =
  /<(a|b|i|p|q|s|u|abbr|cite|code|del|div|em|ins|li|ol|pre|script|section|small|span|strong|style|sub|sup|table|td|th|title|tr|ul)(\s[^<>]*)?\/>/gi

/** A document of a book. It is XHTML, and read as HTML: most books have some that is not well formed. */
export const readDocument = async (zip: Zip, path: string): Promise<Node> => {
  const bytes = Buffer.from(await zip.read(path, maxBytes))
  return parse(iconv.decode(bytes, charsetOf(bytes)).replace(endless, "<$1$2></$1>"))
}

const charsetOf = (bytes: Buffer): string => {
  if (bytes[0] === 0xff && bytes[1] === 0xfe) return "utf-16le"
  if (bytes[0] === 0xfe && bytes[1] === 0xff) return "utf-16be"
  const declared = declaredCharset(bytes) ?? "utf-8"
  return iconv.encodingExists(declared) && !/^utf-?16/i.test(declared) ? declared : "utf-8"
}
