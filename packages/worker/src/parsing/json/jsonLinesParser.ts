import { streamText } from "../detect/readText.ts"
import type { Parser } from "../Parser.ts"
import { linesOfText, readLine } from "./jsonLines.ts"
import { recordList } from "./records.ts"

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
      const record = readLine(line)
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
