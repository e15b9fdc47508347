export interface FrontMatter {
  /** The title that it gives, or nothing. */
  readonly title: string
  /** What else it says, as `name: value` lines. */
  readonly fields: ReadonlyArray<string>
  readonly body: string
}

const yaml = /^\ufeff?---[^\S\n]*\r?\n([\s\S]{0,65536}?)\r?\n(?:---|\.\.\.)[^\S\n]*(?:\r?\n|$)/
const toml = /^\ufeff?\+\+\+[^\S\n]*\r?\n([\s\S]{0,65536}?)\r?\n\+\+\+[^\S\n]*(?:\r?\n|$)/

/** Fields that are for programs that make pages. */
const technical =
  /^(?:layout|permalink|slug|weight|draft|published|toc|sidebar\w*|template|theme|id|uuid|url|aliases|redirect\w*|css|js)$/i

const maxFields = 50

/**
 * Takes the block off the top of a Markdown file that says what the file is (YAML, or TOML between `+++`). Of its fields those are read
 * that stand on one line or are a list.
 */
export const frontMatter = (text: string): FrontMatter => {
  const found = yaml.exec(text) ?? toml.exec(text)
  if (found === null || !/^["']?[\w-]+["']?\s*[:=]/m.test(found[1]!)) return { title: "", fields: [], body: text }
  const values = fieldsOf(found[1]!)
  const title = values.get("title") ?? ""
  const fields = [...values].filter(([name, value]) => name !== "title" && value !== "" && !technical.test(name))
    .slice(0, maxFields).map(([name, value]) => `${name}: ${value}`)
  return { title, fields, body: text.slice(found[0].length) }
}

const fieldsOf = (block: string): ReadonlyMap<string, string> => {
  const values = new Map<string, string>()
  let last = ""
  for (const line of block.split(/\r?\n/)) {
    const item = /^\s*-\s+(.*)$/.exec(line)
    if (item !== null && last !== "") {
      const before = values.get(last)
      values.set(last, before === "" || before === undefined ? plain(item[1]!) : `${before}, ${plain(item[1]!)}`)
      continue
    }
    const field = /^["']?([\w-]{1,100})["']?\s*[:=]\s*(.*)$/.exec(line)
    // What is deeper, a comment or the rest of a text over several lines.
    if (field === null) last = /^\s*$/.test(line) ? last : ""
    else {
      last = field[1]!.toLowerCase() === "title" ? "title" : field[1]!
      values.set(last, plain(field[2]!))
    }
  }
  return values
}

/** A value without its quotes; a list without its brackets. */
const plain = (value: string): string => {
  const text = value.trim()
  if (/^[|>][+-]?$/.test(text) || text.startsWith("{")) return ""
  const list = /^\[(.*)\]$/.exec(text)
  return list === null
    ? text.replace(/^(["'])(.*)\1$/, "$2")
    : list[1]!.split(",").map(plain).filter((item) => item !== "").join(", ")
}
