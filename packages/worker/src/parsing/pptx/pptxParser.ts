import { graphicsOf } from "../opc/graphicsText.ts"
import { openPackage, type Package } from "../opc/openPackage.ts"
import { optionalTree } from "../opc/optionalTree.ts"
import { Pictures } from "../opc/Pictures.ts"
import { ParseFailure, type ParseOutput, type Parser } from "../Parser.ts"
import { child, childrenOf } from "../xml/tree.ts"
import { Layouts } from "./Layouts.ts"
import type { SlideSize } from "./shapes.ts"
import { slideBlocks } from "./slide.ts"

/**
 * Presentations: a slide is a page. Its title, then text, lists, tables, charts, diagrams and pictures in the order of reading, each with its
 * place, then the speaker's notes. Hidden slides are read as others; dates, footers, slide numbers and comments are left out. A slide that
 * is damaged costs that slide only.
 */
export const pptxParser: Parser = {
  inspect: async ({ mediaType, path }) => {
    const source = await openPackage(path)
    try {
      const { slides } = await presentationOf(source)
      if (slides.length === 0) throw new ParseFailure({ _tag: "NoPages" })
      return { mediaType, pages: slides.length }
    } finally {
      source.close()
    }
  },
  parse: async function*({ path }, range, output) {
    const source = await openPackage(path)
    try {
      const { size, slides } = await presentationOf(source)
      const layouts = new Layouts(source, output)
      const pictures = new Pictures(source, output)
      const last = Math.min(range?.last ?? slides.length, slides.length)
      for (let number = Math.max(range?.first ?? 1, 1); number <= last; number++) {
        try {
          const slide = await readSlide(source, slides[number - 1]!, { layouts, output })
          yield* pictures.into(slideBlocks({ ...slide, number }, size))
        } catch (error) {
          if (!(error instanceof ParseFailure) || error.failure._tag !== "Corrupt") throw error
          output.warn({ page: number, detail: error.failure.detail.slice(0, 200) })
        }
      }
      pictures.end()
    } finally {
      source.close()
    }
  }
}

/** What slides are large where a presentation does not say: ten by seven and a half inches. */
const usualSize: SlideSize = { width: 9_144_000, height: 6_858_000 }

const presentationOf = async (
  source: Package
): Promise<{ readonly slides: ReadonlyArray<string>; readonly size: SlideSize }> => {
  const root = await source.tree(source.main) ?? undefined
  const relationships = await source.relationships(source.main)
  const said = child(root, "p:sldSz")?.attributes
  const [width, height] = [Number(said?.cx), Number(said?.cy)]
  return {
    slides: childrenOf(child(root, "p:sldIdLst"), "p:sldId").flatMap(({ attributes }) => {
      const slide = relationships.get(attributes["r:id"] ?? "")
      return slide === undefined || slide.external ? [] : [slide.target]
    }),
    size: width > 0 && height > 0 ? { width, height } : usualSize
  }
}

const readSlide = async (
  source: Package,
  part: string,
  { layouts, output }: { readonly layouts: Layouts; readonly output: ParseOutput }
) => {
  const root = await source.tree(part)
  if (root === null) throw new ParseFailure({ _tag: "Corrupt", detail: "the slide is missing" })
  const relationships = await source.relationships(part)
  const notes = [...relationships.values()].find(({ external, kind }) => kind === "notesSlide" && !external)
  return {
    root,
    relationships,
    layout: await layouts.of(part),
    graphics: await graphicsOf(source, relationships, output),
    notes: await optionalTree(source, notes?.target, output)
  }
}
