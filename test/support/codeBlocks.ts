/** A fenced block of code in a Markdown text. */
export interface CodeBlock {
  /** The first word after the fence, like `ts`. */
  readonly language: string
  /** The words after that: ` ```ts run ` is meant to be run as well as compiled. */
  readonly flags: ReadonlyArray<string>
  readonly code: string
  /** Of its first line of code, from 1. */
  readonly line: number
}

/** All fenced blocks of a Markdown text. */
export const codeBlocks = (markdown: string): ReadonlyArray<CodeBlock> => {
  const blocks: Array<CodeBlock> = []
  let open: { readonly info: ReadonlyArray<string>; readonly line: number; readonly code: Array<string> } | undefined
  for (const [index, text] of markdown.split("\n").entries()) {
    const fence = /^```(.*)$/.exec(text)
    if (fence === null) open?.code.push(text)
    else if (open === undefined) open = { info: fence[1]!.trim().split(/\s+/), line: index + 2, code: [] }
    else {
      const [language = "", ...flags] = open.info
      blocks.push({ language, flags, line: open.line, code: `${open.code.join("\n")}\n` })
      open = undefined
    }
  }
  return blocks
}
