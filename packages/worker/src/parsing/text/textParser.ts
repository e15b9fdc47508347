import { textElement } from "@sheaf/domain/documents/textElements"
import { streamText } from "../detect/readText.ts"
import type { Parser } from "../Parser.ts"
import { maxElementLength } from "../tidy.ts"

/** Text without markup: blocks between blank lines. In code and data (by the file's name) lines are kept as they are. */
export const textParser: Parser = {
  inspect: async ({ mediaType }) => ({ mediaType, pages: 0 }),
  parse: async function*({ name, path }) {
    const lined = !/(?:^[^.]*|\.te?xt)$/i.test(name)
    for await (const block of blocks(path)) {
      const element = textElement(block, lined)
      if (element !== null) yield element
    }
  }
}

/** Text between blank lines, in pieces of bounded length: neither a long block nor an endless line fills the memory. */
const blocks = async function*(path: string): AsyncGenerator<string> {
  let held = ""
  for await (const part of streamText(path)) {
    held += part
    const ready = held.endsWith("\r") ? held.slice(0, -1) : held
    const found = ready.replace(/\r\n?|\f|\u2028|\u2029/g, "\n").split(/\n(?:[^\S\n]*\n)+/)
    held = found.pop()! + held.slice(ready.length)
    yield* found
    while (held.length > maxElementLength) {
      const cut = breakBefore(held, maxElementLength)
      yield held.slice(0, cut)
      held = held.slice(cut)
    }
  }
  yield held.replace(/\r\n?/g, "\n")
}

const breakBefore = (text: string, limit: number): number => {
  const line = text.lastIndexOf("\n", limit)
  if (line > limit / 4) return line
  const space = text.lastIndexOf(" ", limit)
  if (space > limit / 4) return space
  // No break at all: the tidying cuts between graphemes, so hand over a whole stretch, but not half a surrogate pair.
  return (text.charCodeAt(limit - 1) & 0xfc00) === 0xd800 ? limit - 1 : limit
}
