import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { PDFName, PDFString } from "pdf-lib"
import { parseContent } from "../testFile.ts"
import { drawPdf } from "./testPdf.ts"

/** Pages of a line each; `from`: at which page which numbering begins. */
const numbered = (
  pages: number,
  from: ReadonlyArray<readonly [page: number, style: string, prefix: string, first: number]>
) =>
  drawPdf(
    Array.from({ length: pages }, () => (pen, number) => pen.line(`Words of sheet ${number}, and no more.`, 100)),
    ({ catalog, context }) => {
      const ranges = from.flatMap(([page, style, prefix, first]) => [
        page - 1,
        context.obj({ S: PDFName.of(style), P: PDFString.of(prefix), St: first })
      ])
      catalog.set(PDFName.of("PageLabels"), context.obj({ Nums: ranges as Array<number> }))
    }
  )

const labelsOf = (make: () => Promise<Uint8Array>) =>
  Effect.promise(make).pipe(
    Effect.flatMap((bytes) => parseContent(bytes, "a.pdf")),
    Effect.map(({ elements }) => elements.map(({ boxes }) => boxes.map(({ pageLabel }) => pageLabel ?? null).join()))
  )

describe("page labels", () => {
  it.effect("go with what stands on a page that is not called by its number", () =>
    Effect.gen(function*() {
      const found = yield* labelsOf(() => numbered(6, [[1, "r", "", 1], [3, "D", "", 1], [5, "A", "App-", 1]]))
      assert.deepStrictEqual(found, ["i", "ii", "1", "2", "App-A", "App-B"])
    }))

  it.effect("are left out where they say nothing", () =>
    Effect.gen(function*() {
      assert.deepStrictEqual(yield* labelsOf(() => numbered(2, [[1, "D", "", 1]])), ["", ""])
      assert.deepStrictEqual(yield* labelsOf(() => numbered(1, [[1, "D", "x".repeat(40), 1]])), [""])
    }))

  it.effect("that are damaged cost nothing but themselves", () =>
    Effect.gen(function*() {
      assert.deepStrictEqual(yield* labelsOf(() => numbered(2, [[1, "Q", "", -4]])), ["", ""])
    }))
})
