// The little Markdown that the sample manual is written in.

export type Block =
  | { readonly kind: "paragraph"; readonly text: string }
  | { readonly kind: "list"; readonly items: ReadonlyArray<string>; readonly ordered: boolean }
  | { readonly kind: "code"; readonly lines: ReadonlyArray<string> }
  | { readonly kind: "table"; readonly rows: ReadonlyArray<ReadonlyArray<string>> }

export interface Section {
  readonly title: string
  readonly blocks: ReadonlyArray<Block>
}

export interface Chapter {
  readonly title: string
  readonly sections: ReadonlyArray<Section>
}

/** One file: a chapter under `#`, its sections under `##`. */
export const parseChapter = (markdown: string): Chapter => {
  const [head = "", ...sections] = markdown.split(/^## /m)
  return {
    title: head.replace(/^# /, "").trim(),
    sections: sections.map((text) => {
      const end = text.indexOf("\n")
      return { title: text.slice(0, end).trim(), blocks: parseBlocks(text.slice(end + 1)) }
    })
  }
}

const fence = "```"

const parseBlocks = (text: string): ReadonlyArray<Block> =>
  text.split(/\n{2,}(?=(?:[^`]*```[^`]*```)*[^`]*$)/).map((part) => part.trim()).filter((part) => part !== "").map(
    parseBlock
  )

const parseBlock = (part: string): Block => {
  const lines = part.split("\n")
  if (part.startsWith(fence)) return { kind: "code", lines: lines.slice(1, -1) }
  if (part.startsWith("|")) {
    const rows = lines.filter((line) => !/^\|[ |-]+\|$/.test(line))
    return { kind: "table", rows: rows.map((line) => line.slice(1, -1).split("|").map((cell) => plain(cell.trim()))) }
  }
  if (/^(- |\d+\. )/.test(part)) {
    return {
      kind: "list",
      ordered: /^\d/.test(part),
      items: lines.map((line) => plain(line.replace(/^(- |\d+\. )/, "")))
    }
  }
  return { kind: "paragraph", text: plain(lines.join(" ")) }
}

const plain = (text: string): string => text.replaceAll("`", "")
