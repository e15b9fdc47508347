import { numeral } from "../opc/markers.ts"
import { childrenOf, type XmlElement } from "../xml/tree.ts"

type Kind = "footnote" | "endnote"

/** Footnotes and endnotes: numbered in the order in which the text refers to them. */
export class Notes {
  readonly #notes: Readonly<Record<Kind, ReadonlyMap<string, XmlElement>>>
  readonly #marks: Readonly<Record<Kind, Map<string, string>>> = { footnote: new Map(), endnote: new Map() }

  constructor(roots: Readonly<Record<Kind, XmlElement | null>>) {
    const notesOf = (kind: Kind) =>
      new Map(childrenOf(roots[kind] ?? undefined, `w:${kind}`).map((note) => [note.attributes["w:id"] ?? "", note]))
    this.#notes = { footnote: notesOf("footnote"), endnote: notesOf("endnote") }
  }

  /** `[1]` for footnotes, `[i]` for endnotes. Nothing for a note that is not there. */
  mark(kind: Kind, id: string): string {
    if (!this.#notes[kind].has(id)) return ""
    const marks = this.#marks[kind]
    const known = marks.get(id)
    if (known !== undefined) return known
    const mark = `[${numeral(marks.size + 1, kind === "footnote" ? "decimal" : "lowerRoman")}]`
    marks.set(id, mark)
    return mark
  }

  find(kind: Kind, id: string): XmlElement | undefined {
    return this.#notes[kind].get(id)
  }
}
