const question = "Q|Question|F|Frage|问|問"
const answer = "A|Answer|Antwort|答"

const questionMark = new RegExp(`^\\s*(?:${question})\\s*\\d{0,4}\\s*[:：]\\s*`, "iu")
const answerMark = new RegExp(`^\\s*(?:${answer})\\s*\\d{0,4}\\s*[:：]\\s*`, "iu")
/** Parsers join the lines of a paragraph. */
const markWithin = new RegExp(`\\s+(?=(?:${question}|${answer})\\s*\\d{0,4}\\s*[:：]\\s)`, "gu")

export interface MarkedLine {
  readonly mark: "question" | "answer" | null
  readonly text: string
}

/** The lines of a block, and which of them begin with `Q:` or `A:`, in whatever of some languages. */
export const markedLines = (block: string): ReadonlyArray<MarkedLine> => {
  const isMarked = questionMark.test(block) || answerMark.test(block)
  return (isMarked ? block.replaceAll(markWithin, "\n") : block).split("\n").map((line) => {
    const mark = questionMark.test(line) ? "question" : answerMark.test(line) ? "answer" : null
    const pattern = mark === "question" ? questionMark : answerMark
    return { mark, text: mark === null ? line : line.replace(pattern, "") }
  })
}
