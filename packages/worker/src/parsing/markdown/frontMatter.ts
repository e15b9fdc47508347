export interface FrontMatter {
  /** The title that it gives, or nothing. */
  readonly title: string
  readonly body: string
}

const block = /^\ufeff?---[^\S\n]*\r?\n([\s\S]{0,65536}?)\r?\n(?:---|\.\.\.)[^\S\n]*(?:\r?\n|$)/

/** Takes the YAML block off the top of a Markdown file. It is for programs, but for the title, which is the document's. */
export const frontMatter = (text: string): FrontMatter => {
  const found = block.exec(text)
  if (found === null || !/^[\w-]+\s*:/m.test(found[1]!)) return { title: "", body: text }
  const title = /^title\s*:\s*(.+)$/im.exec(found[1]!)?.[1]?.trim() ?? ""
  return { title: title.replace(/^(["'])(.*)\1$/, "$2"), body: text.slice(found[0].length) }
}
