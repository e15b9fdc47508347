import iconv from "iconv-lite"
import { createReadStream } from "node:fs"
import { ParseFailure } from "../Parser.ts"
import { charsetOf } from "./charset.ts"
import { declaredCharset } from "./declaredCharset.ts"
import { readEnds } from "./readHead.ts"

/** Markup is parsed as a tree in memory; a longer text is refused rather than left to the memory limit. */
const maxTreeBytes = 32 * 1_024 * 1_024

/** The decoded text piece by piece; bytes that are no characters become U+FFFD. */
export const streamText = async function*(path: string): AsyncGenerator<string> {
  const { head } = await readEnds(path)
  const charset = await charsetOf(path, head, declaredCharset(head)) ?? "windows-1252"
  const decoder = charset === "utf-8" ? new TextDecoder() : null
  const legacy = decoder === null ? iconv.getDecoder(charset) : null
  for await (const chunk of createReadStream(path) as AsyncIterable<Buffer>) {
    yield decoder === null ? legacy!.write(chunk) : decoder.decode(chunk, { stream: true })
  }
  yield decoder === null ? legacy!.end() ?? "" : decoder.decode()
}

/** The whole decoded text, for formats that need all of it at once. */
export const readText = async (path: string): Promise<string> => {
  const { size } = await readEnds(path, 0)
  if (size > maxTreeBytes) {
    throw new ParseFailure({ _tag: "TooLarge", what: "bytes of markup", limit: maxTreeBytes, actual: size })
  }
  const parts: Array<string> = []
  for await (const part of streamText(path)) parts.push(part)
  return parts.join("")
}
