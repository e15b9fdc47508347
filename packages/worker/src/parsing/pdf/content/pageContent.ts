import { OPS, type PageViewport, type PDFPageProxy } from "pdfjs-dist/legacy/build/pdf.mjs"
import { type Font, fontOf } from "./fonts.ts"
import type { StoredPicture } from "../library/storedPicture.ts"
import { identity, type Matrix, multiply, toMatrix } from "./matrix.ts"
import type { TextGroup } from "../text/pageText.ts"
import { type Rule, RuleCollector } from "./rules.ts"
import { type Glyph, RunBuilder } from "./runs.ts"

/** A picture where it is drawn: the unit square is mapped to its place on the displayed page. */
export interface Drawn {
  readonly picture: StoredPicture
  readonly at: Matrix
}

/** What a page shows. */
export interface PageContent {
  readonly groups: ReadonlyArray<TextGroup>
  readonly rules: ReadonlyArray<Rule>
  readonly drawn: ReadonlyArray<Drawn>
  readonly bold: ReadonlySet<string>
}

interface State {
  readonly matrix: Matrix
  readonly font: Font | null
  readonly size: number
  readonly charSpacing: number
  readonly wordSpacing: number
  readonly hScale: number
  readonly leading: number
  readonly rise: number
}

/** Forms within forms, and pictures, are bounded: a page may draw the same thing for ever. */
const maxDepth = 200
const maxDrawn = 500

/**
 * Text, straight lines and pictures in one go, from the operators that draw the page: that costs half of what the library's own text
 * extraction does, and gives the rest as well.
 */
export const pageContent = async (page: PDFPageProxy, viewport: PageViewport): Promise<PageContent> => {
  // Annotations are asked for by themselves: what they show is drawn over the page.
  const { argsArray, fnArray } = await page.getOperatorList({ annotationMode: 0 })
  const reader = new Reader(page, toMatrix(viewport.transform) ?? identity, viewport)
  for (let at = 0; at < fnArray.length; at++) {
    const args: unknown = argsArray[at]
    reader.read(fnArray[at]!, Array.isArray(args) ? args : [])
  }
  return reader.content()
}

class Reader {
  readonly #page: PDFPageProxy
  readonly #runs: RunBuilder
  readonly #rules: RuleCollector
  readonly #drawn: Array<Drawn> = []
  readonly #fonts = new Map<string, Font | null>()
  readonly #saved: Array<State> = []
  #state: State
  #textMatrix: Matrix = identity
  #x = 0
  #y = 0
  #lineX = 0
  #lineY = 0

  constructor(page: PDFPageProxy, base: Matrix, { height, width }: PageViewport) {
    this.#page = page
    this.#runs = new RunBuilder(width, height)
    this.#rules = new RuleCollector(width, height)
    this.#state = {
      matrix: base,
      font: null,
      size: 0,
      charSpacing: 0,
      wordSpacing: 0,
      hScale: 1,
      leading: 0,
      rise: 0
    }
  }

  content(): PageContent {
    const bold = [...this.#fonts.values()].filter((font) => font?.bold === true).map((font) => font!.id)
    return { groups: this.#runs.groups(), rules: this.#rules.rules(), drawn: this.#drawn, bold: new Set(bold) }
  }

  read(operator: number, args: ReadonlyArray<unknown>): void {
    switch (operator) {
      case OPS.showText:
        return this.#show(args[0] as ReadonlyArray<Glyph | number>)
      case OPS.setTextMatrix:
        this.#textMatrix = toMatrix(args[0]) ?? identity
        return this.#place(0, 0)
      case OPS.moveText:
        return this.#place(this.#lineX + numberAt(args, 0), this.#lineY + numberAt(args, 1))
      case OPS.setLeadingMoveText:
        this.#state = { ...this.#state, leading: -numberAt(args, 1) }
        return this.#place(this.#lineX + numberAt(args, 0), this.#lineY + numberAt(args, 1))
      case OPS.nextLine:
        return this.#place(this.#lineX, this.#lineY - this.#state.leading)
      case OPS.beginText:
        this.#textMatrix = identity
        return this.#place(0, 0)
      case OPS.setFont:
        return this.#setFont(args)
      case OPS.setGState:
        return this.#setGraphics(args[0])
      case OPS.setCharSpacing:
        this.#state = { ...this.#state, charSpacing: numberAt(args, 0) }
        return
      case OPS.setWordSpacing:
        this.#state = { ...this.#state, wordSpacing: numberAt(args, 0) }
        return
      case OPS.setHScale:
        this.#state = { ...this.#state, hScale: numberAt(args, 0) / 100 }
        return
      case OPS.setLeading:
        this.#state = { ...this.#state, leading: numberAt(args, 0) }
        return
      case OPS.setTextRise:
        this.#state = { ...this.#state, rise: numberAt(args, 0) }
        return
      default:
        return this.#readDrawing(operator, args)
    }
  }

  #readDrawing(operator: number, args: ReadonlyArray<unknown>): void {
    switch (operator) {
      case OPS.save:
      case OPS.beginGroup:
        return this.#save()
      case OPS.restore:
      case OPS.endGroup:
      case OPS.paintFormXObjectEnd:
        this.#state = this.#saved.pop() ?? this.#state
        return
      case OPS.transform:
        return this.#transform(toMatrix(args))
      case OPS.paintFormXObjectBegin:
        this.#save()
        return this.#transform(toMatrix(args[0]))
      case OPS.constructPath:
        return this.#rules.add(
          numberAt(args, 0),
          (args[1] as ReadonlyArray<unknown> | undefined)?.[0],
          this.#state.matrix
        )
      case OPS.paintImageXObject:
        return this.#draw(args)
      default:
    }
  }

  #draw([picture]: ReadonlyArray<unknown>): void {
    if (this.#drawn.length >= maxDrawn || typeof picture !== "object" || picture === null) return
    // Nothing else is drawn so: the library was told to decode no picture.
    this.#drawn.push({ picture: picture as StoredPicture, at: this.#state.matrix })
  }

  #save(): void {
    if (this.#saved.length < maxDepth) this.#saved.push(this.#state)
  }

  #transform(matrix: Matrix | null): void {
    if (matrix !== null) this.#state = { ...this.#state, matrix: multiply(this.#state.matrix, matrix) }
  }

  #place(x: number, y: number): void {
    this.#x = this.#lineX = x
    this.#y = this.#lineY = y
  }

  #setFont([id, size]: ReadonlyArray<unknown>): void {
    if (typeof id !== "string" || typeof size !== "number") return
    let font = this.#fonts.get(id)
    if (font === undefined) {
      font = fontOf(this.#page, id)
      this.#fonts.set(id, font)
    }
    this.#state = { ...this.#state, font, size }
  }

  #setGraphics(entries: unknown): void {
    if (!Array.isArray(entries)) return
    for (const entry of entries as ReadonlyArray<readonly [unknown, unknown]>) {
      if (entry[0] === "Font" && Array.isArray(entry[1])) this.#setFont(entry[1])
    }
  }

  #show(glyphs: ReadonlyArray<Glyph | number>): void {
    const { charSpacing, font, hScale, matrix, rise, size, wordSpacing } = this.#state
    if (font === null || size === 0 || !Array.isArray(glyphs)) return
    const origin = multiply(this.#textMatrix, [1, 0, 0, 1, this.#x, this.#y + rise])
    const moved = this.#runs.show(glyphs, multiply(matrix, origin), { font, size, charSpacing, wordSpacing, hScale })
    if (font.vertical) this.#y -= moved
    else this.#x += moved
  }
}

const numberAt = (args: ReadonlyArray<unknown>, at: number): number => {
  const value = args[at]
  return typeof value === "number" && Number.isFinite(value) ? value : 0
}
