import { ParseFailure } from "../Parser.ts"
import type { Json } from "./lines.ts"

/** Characters of one line. */
const maxLine = 8 * 1_024 * 1_024

/** The value of a line; `undefined` for a line that is no JSON. */
export const readLine = (line: string): Json | undefined => {
  try {
    return JSON.parse(line)
  } catch {
    return undefined
  }
}

/** Lines one after another. Throws `TooLarge` for one beyond all measure. */
export const linesOfText = async function*(text: AsyncIterable<string>): AsyncGenerator<string> {
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
