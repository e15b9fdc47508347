import type { Element } from "@sheaf/domain/documents/Element"
import type { Warn } from "../Chunker.ts"
import { markedLines } from "./marks.ts"
import { type Pair, sourceOf } from "./Pair.ts"

interface Open {
  readonly by: "title" | "mark"
  question: string
  answer: string
  readonly elements: Array<Element>
  readonly headingPath: ReadonlyArray<string>
  /** In a marked pair: what lines belong to. */
  part: "question" | "answer"
}

/**
 * Takes pairs from text: `Q:` and `A:`, or a title and what stands under it up to the next. Where there are marks under a title, it is what
 * stands above their pairs.
 */
export class TextPairs {
  readonly #warn: Warn
  /** Longer answers are not collected: they will be left out. */
  readonly #mostUnits: number
  readonly #titles: Array<{ readonly level: number; readonly text: string }> = []
  #open: Open | null = null
  #pairs = 0
  #stray = 0

  constructor(options: { readonly warn: Warn; readonly mostUnits: number }) {
    this.#warn = options.warn
    this.#mostUnits = options.mostUnits
  }

  /** Titles above what comes next. */
  get headingPath(): ReadonlyArray<string> {
    return this.#titles.map(({ text }) => text)
  }

  get hasQuestion(): boolean {
    return this.#open !== null
  }

  title(element: Element): ReadonlyArray<Pair> {
    const done = this.close()
    const level = Math.max(1, element.level ?? 1)
    while ((this.#titles.at(-1)?.level ?? 0) >= level) this.#titles.pop()
    this.#open = {
      by: "title",
      question: element.text,
      answer: "",
      elements: [element],
      headingPath: this.headingPath,
      part: "answer"
    }
    this.#titles.push({ level, text: element.text.trim() })
    return done
  }

  block(element: Element): ReadonlyArray<Pair> {
    const lines = element.kind === "code" || element.kind === "table"
      ? [{ mark: null, text: element.text }]
      : markedLines(element.text)
    const done: Array<Pair> = []
    let isStray = false
    for (const [at, { mark, text }] of lines.entries()) {
      if (mark === "question") {
        done.push(...this.close())
        this.#open = {
          by: "mark",
          question: text,
          answer: "",
          elements: [],
          headingPath: this.headingPath,
          part: "question"
        }
      } else if (this.#open !== null) {
        if (mark === "answer") this.#open.part = "answer"
        this.#append(this.#open, text, at === 0 ? "\n\n" : "\n")
      } else isStray ||= text.trim() !== ""
      if (this.#open !== null && this.#open.elements.at(-1) !== element) this.#open.elements.push(element)
    }
    if (isStray) this.#stray++
    return done
  }

  /** The pair that is open, if it is one. */
  close(): ReadonlyArray<Pair> {
    const open = this.#open
    this.#open = null
    if (open === null) return []
    const question = open.question.trim()
    const answer = open.answer.trim()
    // A title with nothing under it stands above others.
    if (open.by === "title" && answer === "") return []
    const place = `pair ${++this.#pairs}`
    if (question === "" || answer === "") {
      this.#warn(`${place}: has no ${question === "" ? "question" : "answer"}, and was left out`)
      return []
    }
    return [{ question, answer, place, headingPath: open.headingPath, ...sourceOf(open.elements) }]
  }

  end(): ReadonlyArray<Pair> {
    const done = this.close()
    if (this.#stray > 0) this.#warn(`${this.#stray} blocks stand under no question, and were left out`)
    return done
  }

  #append(open: Open, text: string, separator: string): void {
    const before = open[open.part]
    if (before.length > this.#mostUnits) return
    open[open.part] = before === "" ? text : `${before}${separator}${text}`
  }
}
