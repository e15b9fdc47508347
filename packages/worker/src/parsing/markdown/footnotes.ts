import type { MarkedExtension, Tokens } from "marked"

const definition =
  /^\[\^([^\]\s]{1,100})\]:[ \t]*([^\n]*(?:\n(?!\[\^)[ \t]*[^\s][^\n]*)*(?:\n(?:[ \t]*\n)+(?: {2,}|\t)[^\n]+(?:\n(?!\[\^)[ \t]*[^\s][^\n]*)*)*)(?:\n|$)/
const reference = /^\[\^([^\]\s]{1,100})\]/

const name = (token: Tokens.Generic): string => `[${String(token["id"]).replace(/[&<>]/g, "")}]`

/** Footnotes, as many programs know them: where they are defined they are paragraphs, and both places say `[name]`. */
export const footnotes: MarkedExtension = {
  extensions: [{
    name: "footnote",
    level: "block",
    start: (text) => {
      const at = text.search(/^\[\^/m)
      return at < 0 ? undefined : at
    },
    tokenizer(text) {
      const found = definition.exec(text)
      if (found === null) return undefined
      const [raw, id, note = ""] = found
      return { type: "footnote", raw, id, tokens: this.lexer.inlineTokens(note.replace(/\s+/g, " ")) }
    },
    renderer(token) {
      return `<p>${name(token)} ${this.parser.parseInline(token.tokens ?? [])}</p>\n`
    }
  }, {
    name: "footnoteReference",
    level: "inline",
    start: (text) => {
      const at = text.indexOf("[^")
      return at < 0 ? undefined : at
    },
    tokenizer: (text) => {
      const found = reference.exec(text)
      return found === null ? undefined : { type: "footnoteReference", raw: found[0], id: found[1] }
    },
    renderer: name
  }]
}
