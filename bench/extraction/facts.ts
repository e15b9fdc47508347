import { Effect, Schema } from "effect"
import type { Element } from "@sheaf/domain/documents/Element"
import type { Corpus } from "./corpus.ts"
import { elementsOf, textOf } from "./parsed.ts"
import { pdftotext } from "./pdftotext.ts"
import type { Finding } from "./Part.ts"

const base = { pdf: Schema.String, page: Schema.Int, id: Schema.String, max_diffs: Schema.optionalKey(Schema.Int) }

/** `first_n` and `last_n`: only so many letters at the beginning or the end of the page are meant. */
const words = {
  ...base,
  text: Schema.String,
  case_sensitive: Schema.optionalKey(Schema.Boolean),
  first_n: Schema.optionalKey(Schema.Int),
  last_n: Schema.optionalKey(Schema.Int)
}

/** Facts about pages, as olmOCR's bench has them; others than these three are passed over. */
const Judged = Schema.Union([
  Schema.Struct({ ...words, type: Schema.Literal("present") }),
  Schema.Struct({ ...words, type: Schema.Literal("absent") }),
  Schema.Struct({ ...base, type: Schema.Literal("order"), before: Schema.String, after: Schema.String })
])
type Judged = typeof Judged.Type

const Fact = Schema.Union([Judged, Schema.Struct({ ...base, type: Schema.Literals(["table", "math"]) })])

/** Kinds that this bench has no eye for. */
const isJudged = (fact: typeof Fact.Type): fact is Judged => fact.type !== "table" && fact.type !== "math"

/** Which facts about what a page says hold: text that must be there, that must not, and what must come before what. */
export const facts = Effect.fn("extraction.facts")(function*(corpus: Corpus) {
  const counts = new Map<string, { all: number; ours: number; theirs: number | null; readonly wrong: Array<string> }>()
  for (const file of corpus.files.filter((name) => name.endsWith("facts.jsonl"))) {
    const lines = (yield* corpus.text(file)).split("\n").filter((line) => line.trim() !== "")
    const all = yield* Schema.decodeEffect(Schema.Array(Schema.fromJsonString(Fact)))(lines)
    for (const fact of all.filter(isJudged)) {
      const pdf = corpus.inputs.find((input) => input.file.endsWith(`/${fact.pdf}`))
      if (pdf === undefined) continue
      const ours = ofPage(yield* elementsOf(corpus.path(pdf.file)), fact.page)
      const theirs = yield* pdftotext(corpus.path(pdf.file), { page: fact.page })
      const count = counts.get(fact.type) ?? { all: 0, ours: 0, theirs: 0, wrong: [] }
      counts.set(fact.type, count)
      count.all++
      if (holds(fact, ours)) count.ours++
      else count.wrong.push(fact.id)
      count.theirs = theirs === null || count.theirs === null ? null : count.theirs + Number(holds(fact, theirs))
    }
  }
  return Array.from(counts, ([type, { all, ours, theirs, wrong }]): Finding => {
    const name = `${type}, right of ${all}`
    const note = wrong.length === 0 ? "" : `not ${wrong.join(", ")}`
    return theirs === null
      ? { part: "facts", name, value: ours, note }
      : { part: "facts", name, value: ours, pdftotext: theirs, note }
  })
})

const ofPage = (elements: ReadonlyArray<Element>, page: number): string =>
  textOf(elements.filter(({ boxes }) => boxes.some((box) => box.page === page)))

const holds = (fact: Judged, page: string): boolean => {
  const within = fact.max_diffs ?? 0
  const text = plain(page)
  if (fact.type !== "order") {
    const fold = (letters: string): string => fact.case_sensitive === false ? letters.toLowerCase() : letters
    const part = fact.last_n !== undefined ? text.slice(-fact.last_n) : text.slice(0, fact.first_n)
    return (find(fold(part), fold(plain(fact.text)), within) !== null) === (fact.type === "present")
  }
  const [before, after] = [find(text, plain(fact.before), within), find(text, plain(fact.after), within)]
  return before !== null && after !== null && before < after
}

/** White space, quotes and dashes are written in many ways. */
const plain = (text: string): string =>
  text.normalize("NFKC").replace(/[\u2018\u2019`]/g, "'").replace(/[\u201c\u201d]/g, "\"").replace(
    /[\u2010-\u2015]/g,
    "-"
  )
    .replace(/\s+/g, " ").trim()

/** Where a text stands, give or take so many letters (Sellers' method: the row of least edits for each end). */
const find = (text: string, wanted: string, within: number): number | null => {
  const exact = text.indexOf(wanted)
  if (exact !== -1 || within === 0) return exact === -1 ? null : exact
  let column = Array.from({ length: wanted.length + 1 }, (_, at) => at)
  for (let end = 0; end < text.length; end++) {
    const next = [0]
    for (let at = 1; at <= wanted.length; at++) {
      const edits = column[at - 1]! + (text[end] === wanted[at - 1] ? 0 : 1)
      next.push(Math.min(edits, column[at]! + 1, next[at - 1]! + 1))
    }
    if (next[wanted.length]! <= within) return Math.max(0, end - wanted.length)
    column = next
  }
  return null
}
