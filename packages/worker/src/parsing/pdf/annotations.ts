import type { PinnedFile } from "./attachedFiles.ts"
import type { Box, Element } from "@sheaf/domain/documents/Element"
import { AnnotationType, type PageViewport, type PDFDocumentProxy } from "pdfjs-dist/legacy/build/pdf.mjs"

/** What lies over a page: links, fields of forms, comments, files. */
export interface Annotations {
  readonly links: ReadonlyArray<{ readonly url: string; readonly box: Box }>
  readonly fields: ReadonlyArray<{ readonly line: string; readonly box: Box }>
  readonly notes: ReadonlyArray<{ readonly text: string; readonly box: Box }>
  readonly files: ReadonlyArray<PinnedFile>
}

/** As the library gives it, as far as it is of use here; its types say `any`. */
interface Annotation {
  readonly pageIndex?: number
  readonly subtype?: string
  readonly rect?: ReadonlyArray<number>
  readonly annotationFlags?: number
  readonly url?: string
  readonly fieldType?: string
  readonly fieldName?: string
  readonly fieldValue?: unknown
  readonly alternativeText?: string
  readonly checkBox?: boolean
  readonly radioButton?: boolean
  readonly exportValue?: string
  readonly buttonValue?: string
  readonly password?: boolean
  readonly fileId?: string | null
  readonly file?: { readonly filename?: string }
  readonly contentsObj?: { readonly str?: string }
  readonly titleObj?: { readonly str?: string }
}

const maxAnnotations = 2_000
const maxUrl = 500
const hidden = 2

/** Notes whose words are drawn on the page, and those that open on a click. */
const shown = new Set(["FreeText"])
const opened = new Set([
  "Text",
  "Highlight",
  "Underline",
  "StrikeOut",
  "Squiggly",
  "Caret",
  "Stamp",
  "Ink",
  "Square",
  "Circle",
  "Line",
  "Polygon"
])

/** Pages that are asked about at a time: the library looks through all of a document for each question. */
const window = 32

/** Asks for the annotations of pages, by windows of them up to the last page that is wanted; one stays. A damaged page has none. */
export const annotationReader = (pdf: PDFDocumentProxy): (page: number, wanted: number) => Promise<Annotations> => {
  let last: { readonly first: number; readonly end: number; readonly all: Promise<ReadonlyArray<Annotation>> } | null =
    null
  return async (number, wanted) => {
    if (last === null || number < last.first || number >= last.end) {
      const end = Math.min(number + window, Math.max(number, wanted) + 1)
      last = { first: number, end, all: inWindow(pdf, number, end).catch(() => []) }
    }
    const all = await last.all
    const own = all.filter(({ pageIndex }) => pageIndex === number - 1)
    if (own.length === 0) return { links: [], fields: [], notes: [], files: [] }
    const page = await pdf.getPage(number)
    return sorted(own, page.getViewport({ scale: 1 }), number)
  }
}

/** By type, because the other way the library reads the text of each page again, to tell which of it is linked. */
const inWindow = async (
  pdf: PDFDocumentProxy,
  first: number,
  end: number
): Promise<ReadonlyArray<Annotation>> => {
  const skipped = new Set<number>()
  for (let index = 0; index < pdf.numPages; index++) {
    if (index < first - 1 || index >= end - 1) skipped.add(index)
  }
  return await pdf.getAnnotationsByType(new Set(Object.values(AnnotationType)), skipped) as ReadonlyArray<Annotation>
}

/** What is hidden is left out, and so are passwords. */
const sorted = (all: ReadonlyArray<Annotation>, viewport: PageViewport, page: number): Annotations => {
  const links: Array<Annotations["links"][number]> = []
  const fields: Array<Annotations["fields"][number]> = []
  const notes: Array<Annotations["notes"][number]> = []
  const files: Array<PinnedFile> = []
  const seen = new Set<string>()
  for (const annotation of all.slice(0, maxAnnotations)) {
    const { annotationFlags = 0, contentsObj, rect, file, fileId, subtype = "", titleObj, url } = annotation
    if ((annotationFlags & hidden) !== 0 || rect?.length !== 4) continue
    const box = toBox(rect, viewport, page)
    if (subtype === "Link" && url !== undefined && /^(?:https?|mailto|ftp):/i.test(url) && url.length <= maxUrl) {
      links.push({ url, box })
    }
    if (subtype === "Widget") {
      const line = fieldLine(annotation)
      if (line !== null && !seen.has(line)) fields.push({ line, box })
      if (line !== null) seen.add(line)
    }
    if (subtype === "FileAttachment" && typeof fileId === "string") {
      files.push({ id: fileId, name: file?.filename ?? "unnamed", box })
    }
    const words = contentsObj?.str?.trim() ?? ""
    if (words === "") continue
    const author = titleObj?.str?.trim() ?? ""
    if (shown.has(subtype)) notes.push({ text: words, box })
    else if (opened.has(subtype)) notes.push({ text: `Note${author === "" ? "" : ` by ${author}`}: ${words}`, box })
  }
  return { links, fields, notes, files }
}

const toBox = ([x0 = 0, y0 = 0, x1 = 0, y1 = 0]: ReadonlyArray<number>, viewport: PageViewport, page: number): Box => {
  // Typed as a list of anything; it has the two coordinates.
  const at = (x: number, y: number): Point => viewport.convertToViewportPoint(x, y) as unknown as Point
  const [a, b] = [at(x0, y0), at(x1, y1)]
  const fraction = (value: number): number => Math.round(Math.min(1, Math.max(0, value)) * 10_000) / 10_000
  return {
    page,
    x0: fraction(Math.min(a[0], b[0]) / viewport.width),
    y0: fraction(Math.min(a[1], b[1]) / viewport.height),
    x1: fraction(Math.max(a[0], b[0]) / viewport.width),
    y1: fraction(Math.max(a[1], b[1]) / viewport.height)
  }
}

type Point = readonly [x: number, y: number]

/** Names that programs make up say nothing: f1_03, p1-t12, Text12, form1[0].sub[2]. */
const madeUp =
  /^(?:[a-z]{1,3}\d*[-_][a-z]?\d+\w*|(?:text|check ?box|field|button|radio|choice|undefined|untitled|group)[ _]?\d*|\d+)$/i

/** A field as `label: value`; without a value the label stays. Null where there is nothing to say. */
const fieldLine = (field: Annotation): string | null => {
  if (field.password === true || field.fieldType === "Sig") return null
  const name = (field.fieldName ?? "").split(".").at(-1)!.replace(/\[\d+\]$/, "").trim()
  const label = field.alternativeText?.trim() ?? ""
  const called = label !== "" ? label : madeUp.test(name) ? "" : name
  const value = valueOf(field)
  if (value === null) return null
  if (called === "") return value === "" || field.checkBox === true ? null : value
  return `${called}: ${value}`.trim()
}

const valueOf = (
  { buttonValue, checkBox, exportValue, fieldType, fieldValue, radioButton }: Annotation
): string | null => {
  if (fieldType === "Btn") {
    if (radioButton === true) return fieldValue === buttonValue && typeof buttonValue === "string" ? buttonValue : null
    if (checkBox !== true) return null
    return fieldValue === exportValue && fieldValue !== undefined && fieldValue !== "Off" ? "yes" : "no"
  }
  const values = Array.isArray(fieldValue) ? fieldValue as ReadonlyArray<unknown> : [fieldValue]
  return values.filter((value) => typeof value === "string").join(", ").trim()
}

/** Addresses that one element is given at most: a page of references has many. */
const maxLinks = 10

/**
 * Elements of a page with what lies over it: where links lead stands behind the text that they are in, unless it says so itself;
 * fields of forms and notes follow at the end.
 */
export const withAnnotations = (
  elements: ReadonlyArray<Element>,
  { fields, links, notes }: Annotations
): ReadonlyArray<Element> => {
  const urls = new Map<Element, Array<string>>()
  for (const { box, url } of links) {
    const element = elements.find(({ boxes, kind, rows }) =>
      rows === undefined && kind !== "code" && kind !== "image" && boxes.some((other) => holds(other, box))
    )
    if (element === undefined || says(element.text, url)) continue
    const known = urls.get(element) ?? []
    if (!known.includes(url) && known.length < maxLinks) urls.set(element, [...known, url])
  }
  const linked = elements.map((element) => {
    const own = urls.get(element)
    return own === undefined ? element : Object.assign({}, element, { text: `${element.text} (${own.join(", ")})` })
  })
  return [
    ...linked,
    ...notes.map(({ box, text }): Element => ({ kind: "paragraph", text, boxes: [box] })),
    ...(fields.length === 0 ? [] : [fieldList(fields)])
  ]
}

const fieldList = (fields: Annotations["fields"]): Element => ({
  kind: "list",
  text: fields.map(({ line }) => line).join("\n"),
  boxes: [
    fields.map(({ box }) => box).reduce((a, b) => ({
      page: a.page,
      x0: Math.min(a.x0, b.x0),
      y0: Math.min(a.y0, b.y0),
      x1: Math.max(a.x1, b.x1),
      y1: Math.max(a.y1, b.y1)
    }))
  ]
})

/** The middle of a link lies in a box, on its page. */
const holds = (box: Box, link: Box): boolean => {
  const [x, y] = [(link.x0 + link.x1) / 2, (link.y0 + link.y1) / 2]
  return box.page === link.page && x >= box.x0 && x <= box.x1 && y >= box.y0 - 0.003 && y <= box.y1 + 0.003
}

const says = (text: string, url: string): boolean => {
  const plain = (letters: string): string =>
    letters.toLowerCase().replace(/^(?:\w+:\/\/(?:www\.)?|mailto:)/, "").replace(/\/$/, "")
  return text.toLowerCase().replace(/\s+/g, "").includes(plain(url))
}
