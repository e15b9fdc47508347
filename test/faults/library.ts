import { drawPdf } from "@sheaf/worker/parsing/pdf/testPdf"
import { Effect } from "effect"
import { createHash } from "node:crypto"

// Documents that can be judged without the code that cut them up: every paragraph carries a mark of its own, so what is lost or doubled
// anywhere on the way shows in the marks.

export interface Item {
  readonly name: string
  readonly bytes: Uint8Array
  readonly sha256: string
  /** The marks of its paragraphs, in order. */
  readonly marks: ReadonlyArray<string>
}

/** A mark: the document's number and the paragraph's. */
export const markPattern = /\bqm[0-9]{3}z[0-9]{4}\b/g

const words =
  ("anchor ballast capstan davit ensign fathom gunwale halyard inlet jib keel lanyard mizzen narrows oar pintle quay rudder "
    + "sextant tiller upwind voyage windlass yawl binnacle bilge cleat dory estuary ferry gale harbour").split(" ")

/** A small generator (mulberry32, public domain): the same seed gives the same library. */
const numbers = (seed: number) => () => {
  seed = (seed + 0x6d2b79f5) | 0
  let t = Math.imul(seed ^ (seed >>> 15), 1 | seed)
  t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t
  return ((t ^ (t >>> 14)) >>> 0) / 4_294_967_296
}

interface Paragraph {
  readonly mark: string
  readonly text: string
}

const paragraphsOf = (document: number, count: number, next: () => number): ReadonlyArray<Paragraph> =>
  Array.from({ length: count }, (_, at) => {
    const mark = `qm${String(document).padStart(3, "0")}z${String(at).padStart(4, "0")}`
    const length = 8 + Math.floor(next() * 6)
    const text = Array.from({ length }, () => words[Math.floor(next() * words.length)]).join(" ")
    return { mark, text: `${mark} ${text}.` }
  })

const rowsOfPage = 24

/** Sections of some paragraphs each, as every format has them. */
const sections = (paragraphs: ReadonlyArray<Paragraph>) =>
  Array.from({ length: Math.ceil(paragraphs.length / rowsOfPage) }, (_, at) => ({
    title: `Watch ${at + 1}`,
    body: paragraphs.slice(at * rowsOfPage, (at + 1) * rowsOfPage)
  }))

const formats = {
  txt: async (paragraphs: ReadonlyArray<Paragraph>) => utf8(paragraphs.map(({ text }) => text).join("\n\n")),
  md: async (paragraphs: ReadonlyArray<Paragraph>) =>
    utf8(
      sections(paragraphs).map(({ body, title }) => [`## ${title}`, ...body.map(({ text }) => text)].join("\n\n"))
        .join("\n\n")
    ),
  html: async (paragraphs: ReadonlyArray<Paragraph>) =>
    utf8(
      `<!doctype html><title>Log</title><main>${
        sections(paragraphs)
          .map(({ body, title }) => `<h2>${title}</h2>${body.map(({ text }) => `<p>${text}</p>`).join("")}`)
          .join("")
      }</main>`
    ),
  pdf: (paragraphs: ReadonlyArray<Paragraph>) =>
    drawPdf(
      sections(paragraphs).map(({ body, title }) => ({ line }) => {
        line(title, 60, { size: 18, font: "bold" })
        body.forEach(({ text }, row) => line(text, 100 + row * 26))
      })
    )
}

const utf8 = (text: string) => new TextEncoder().encode(text)

const kinds = ["txt", "pdf", "md", "pdf", "html"] as const

/** Documents of mixed size and format: one in ten is long. Never the same text twice, so that every one has to be embedded. */
export const makeLibrary = (seed: number, count: number): Effect.Effect<ReadonlyArray<Item>> =>
  Effect.promise(() => {
    const next = numbers(seed)
    return Promise.all(Array.from({ length: count }, async (_, at): Promise<Item> => {
      const kind = kinds[at % kinds.length]!
      const length = at % 10 === 3 ? 300 + Math.floor(next() * 200) : 4 + Math.floor(next() * 60)
      const paragraphs = paragraphsOf(at, length, next)
      const bytes = await formats[kind](paragraphs)
      return {
        name: `log-${String(at).padStart(3, "0")}.${kind}`,
        bytes,
        sha256: createHash("sha256").update(bytes).digest("hex"),
        marks: paragraphs.map(({ mark }) => mark)
      }
    }))
  })
