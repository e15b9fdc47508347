import iconv from "iconv-lite"
import { ParseFailure } from "../Parser.ts"
import { binaryType } from "./binaryType.ts"
import { charsetOf } from "./charset.ts"
import { declaredCharset } from "./declaredCharset.ts"
import { readEnds } from "./readHead.ts"
import { streamText } from "./readText.ts"
import { textType } from "./textType.ts"

/**
 * The media type of a file, by its content. Throws `Empty` for a file of nothing but white space and
 * `Encrypted` for an office document under a password; answers `application/octet-stream` for bytes that are neither a known format nor text.
 */
export const detect = async (path: string, name: string): Promise<string> => {
  const ends = await readEnds(path)
  if (ends.size === 0) throw new ParseFailure({ _tag: "Empty" })
  const binary = await binaryType(path, ends, name)
  if (binary === "application/encrypted-office-document") {
    throw new ParseFailure({ _tag: "Encrypted", wrongPassword: false })
  }
  if (binary !== null) return binary
  const charset = await charsetOf(path, ends.head, declaredCharset(ends.head))
  if (charset === null) return "application/octet-stream"
  const start = iconv.decode(Buffer.from(ends.head), charset)
  if (isBlank(start) && (ends.size === ends.head.length || await isBlankThroughout(path))) {
    throw new ParseFailure({ _tag: "Empty" })
  }
  return textType(start, name, ends.size > ends.head.length)
}

/** Nothing to read: white space, control characters and marks of byte order. */
const isBlank = (text: string): boolean => !/[^\s\p{Cc}\p{Cf}]/u.test(text)

const isBlankThroughout = async (path: string): Promise<boolean> => {
  for await (const part of streamText(path)) {
    if (!isBlank(part)) return false
  }
  return true
}
