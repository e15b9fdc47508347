import { graphicsOf } from "../opc/graphicsText.ts"
import { openPackage, type Package, type Relationship } from "../opc/openPackage.ts"
import { optionalTree } from "../opc/optionalTree.ts"
import { Pictures } from "../opc/Pictures.ts"
import type { ParseOutput, Parser } from "../Parser.ts"
import { branches } from "../xml/tree.ts"
import { Blocks } from "./Blocks.ts"
import { Notes } from "./Notes.ts"
import { Numbering } from "./numbering.ts"
import { stylesOf } from "./styles.ts"

/** What holds the paragraphs and tables of a document. */
const frames = new Set(["w:document", "w:body", "w:sdt", "w:sdtContent", "w:customXml"])

/**
 * Word documents, paragraph by paragraph: headings by style and outline level, lists with their numbers, tables, notes, text boxes, and
 * pictures with what they show. Headers, footers, comments, directories and what was deleted under "track changes" are left out. Programs
 * within are never run, and nothing outside is ever opened.
 */
export const docxParser: Parser = {
  inspect: async ({ mediaType, path }) => {
    const source = await openPackage(path)
    source.close()
    return { mediaType, pages: 0 }
  },
  parse: async function*({ path }, _range, output) {
    const source = await openPackage(path)
    try {
      const blocks = new Blocks(await contextOf(source, output))
      const pictures = new Pictures(source, output)
      for await (const branch of branches(source.stream(source.main), frames)) yield* pictures.into(blocks.add(branch))
      yield* pictures.into(blocks.end())
      pictures.end()
    } finally {
      source.close()
    }
  }
}

const contextOf = async (source: Package, output: ParseOutput) => {
  const relationships = await source.relationships(source.main)
  const part = (kind: string) => optionalTree(source, partOf(relationships, kind), output)
  const styles = stylesOf(await part("styles"))
  return {
    styles,
    relationships,
    numbering: new Numbering(await part("numbering"), styles),
    notes: new Notes({ footnote: await part("footnotes"), endnote: await part("endnotes") }),
    graphics: await graphicsOf(source, relationships, output),
    warn: (detail: string) => output.warn({ page: null, detail })
  }
}

const partOf = (relationships: ReadonlyMap<string, Relationship>, kind: string): string | undefined =>
  [...relationships.values()].find((each) => each.kind === kind && !each.external)?.target
