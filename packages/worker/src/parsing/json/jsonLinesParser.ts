import { streamText } from "../detect/readText.ts"
import { ParseFailure, type Parser } from "../Parser.ts"
import type { Json } from "./lines.ts"
import { recordList } from "./records.ts"

/** Characters of one line. */
const maxLine = 8 * 1_024 * 1_024

/** JSON Lines: a record a line, an element a record (more for a long one). A line that is no JSON is kept as it is. */
export const jsonLinesParser: Parser = {
  inspect: async ({ mediaType }) => ({ mediaType, pages: 0 }),
  parse: async function*({ path }, _range, { warn }) {
    let damaged = 0
    let first = 0
    let number = 0
    for await (const line of linesOfText(streamText(path))) {
      number++
      if (line.trim() === "") continue
      const record = read(line)
      if (record === undefined) {
        if (damaged++ === 0) first = number
        yield { kind: "code", text: line, boxes: [] }
      } else yield* recordList(record)
    }
    if (damaged > 0) {
      warn({ page: null, detail: `${damaged} lines are not JSON and were kept as text; the first is line ${first}` })
    }
  }
}

const read = (line: string): Json | undefined => {
  try {
    return JSON.parse(line)
  } catch {
    return undefined
  }
}

const linesOfText = async function*(text: AsyncIterable<string>): AsyncGenerator<string> {
  let rest = ""
  for await (const part of text) {
    const lines = part.split("\n")
    lines[0] = rest + lines[0]!
    rest = lines.pop()!
    yield* lines
    if (rest.length > maxLine) {
      throw new ParseFailure({ _tag: "TooLarge", what: "characters in one line", limit: maxLine, actual: rest.length })
    }
  }
  yield rest
}
