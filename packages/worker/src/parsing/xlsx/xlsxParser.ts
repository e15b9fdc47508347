import { openPackage, type Package } from "../opc/openPackage.ts"
import { type Block, Pictures } from "../opc/Pictures.ts"
import type { ParseOutput, Parser } from "../Parser.ts"
import { drawingBlocks } from "./drawing.ts"
import { readRows } from "./readRows.ts"
import { Regions } from "./Regions.ts"
import { readWorkbook, type Sheet, type Workbook } from "./workbook.ts"

/**
 * Workbooks, row by row: each sheet is a title and the tables on it, values as they are shown. Hidden sheets are left out, with a warning;
 * hidden rows and columns are read, for a filter hides what belongs to the data. Of merged cells the first has the value. Formulas show
 * what was computed when the file was saved; nothing is computed, run or fetched. Comments are left out.
 */
export const xlsxParser: Parser = {
  inspect: async ({ mediaType, path }) => {
    const source = await openPackage(path)
    source.close()
    return { mediaType, pages: 0 }
  },
  parse: async function*({ path }, _range, output) {
    const source = await openPackage(path)
    try {
      const workbook = await readWorkbook(source, output)
      const pictures = new Pictures(source, output)
      for (const sheet of workbook.sheets) {
        if (sheet.hidden) {
          output.warn({ page: null, detail: `the hidden sheet ${sheet.name.slice(0, 100)} was left out` })
          continue
        }
        for await (const block of titled(sheet, sheetBlocks(source, sheet, workbook, output))) {
          yield* pictures.into([block])
        }
      }
      pictures.end()
    } finally {
      source.close()
    }
  }
}

/** The sheet's name above what is on it; nothing for an empty sheet. Pictures that say nothing go with the block before them. */
const titled = async function*(sheet: Sheet, blocks: AsyncIterable<Block>): AsyncGenerator<Block> {
  let held: Block = { kind: "title", level: 1, text: sheet.name, boxes: [] }
  let any = false
  for await (const block of blocks) {
    const says = block.rows !== undefined || block.text.trim() !== ""
    if (!says && block.images === undefined) continue
    any = true
    if (says) {
      yield held
      held = block
    } else {
      held = { ...held, images: [...held.images ?? [], ...block.images ?? []] }
    }
  }
  if (any) yield held
}

const sheetBlocks = async function*(
  source: Package,
  sheet: Sheet,
  workbook: Workbook,
  output: ParseOutput
): AsyncGenerator<Block> {
  const regions = new Regions()
  for await (const rows of readRows(source.stream(sheet.part), workbook)) {
    for (const row of rows) yield* regions.add(row)
  }
  yield* regions.end()
  yield* drawingBlocks(source, sheet.part, output)
}
