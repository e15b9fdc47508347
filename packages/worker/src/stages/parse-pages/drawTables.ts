import type { Box, Element } from "@sheaf/domain/documents/Element"
import { explain } from "@sheaf/domain/documents/FailureCause"
import { Clock, Effect, Option, Stream } from "effect"
import type { JailInput } from "../../parsing/jail/ParserJail.ts"
import { hashOf } from "../../parsing/jail/assets.ts"
import type { ParseWarning } from "../../parsing/Parser.ts"
import { RenderJail } from "../../parsing/render/RenderJail.ts"
import type { Keeper } from "./keepAssets.ts"

/** Pictures of one page: what looks like more tables is none. */
const picturesPerPage = 12

/** Milliseconds that a unit may spend on pictures; its text is what matters. */
const budgetMs = 180_000

/** So many failures, and the file is not drawn any further. */
const failuresBorne = 2

/** Fractions of a page. A region less wide or high is no table; around one some white is shown. */
const least = 0.01
const margin = 0.006

/** The region of a table on each page that it stands on. */
export const regionsOf = (boxes: ReadonlyArray<Box>): ReadonlyArray<Box> => {
  const regions = new Map<number, Box>()
  for (const box of boxes) {
    const { page, x0, x1, y0, y1 } = regions.get(box.page) ?? box
    regions.set(page, {
      page,
      x0: Math.min(x0, box.x0),
      y0: Math.min(y0, box.y0),
      x1: Math.max(x1, box.x1),
      y1: Math.max(y1, box.y1)
    })
  }
  return [...regions.values()].filter(({ x0, x1, y0, y1 }) => x1 - x0 > least && y1 - y0 > least).map((region) => ({
    page: region.page,
    x0: Math.max(0, region.x0 - margin),
    y0: Math.max(0, region.y0 - margin),
    x1: Math.min(1, region.x1 + margin),
    y1: Math.min(1, region.y1 + margin)
  }))
}

/**
 * Adds to the tables of a PDF how they look on their pages. A picture that cannot be drawn costs itself alone, and a warning; a file that
 * takes too long, or fails again and again, goes on without.
 */
export const drawTables = Effect.gen(function*() {
  const render = yield* RenderJail

  return (input: JailInput, keeper: Keeper, warn: (warning: ParseWarning) => void) => {
    const perPage = new Map<number, number>()
    /** A long table comes in parts, all of which have its regions. */
    let last: { readonly key: string; readonly assets: NonNullable<Element["assets"]> } = { key: "", assets: [] }
    let spentMs = 0
    let failures = 0
    let stopped = false

    const stop = (page: number, why: string) => {
      stopped = true
      warn({ page, detail: `tables from here on have no pictures: ${why}` })
    }

    const draw = Effect.fnUntraced(function*(region: Box) {
      const { page } = region
      const drawn = perPage.get(page) ?? 0
      if (stopped || drawn >= picturesPerPage) return []
      perPage.set(page, drawn + 1)
      const before = yield* Clock.currentTimeMillis
      const picture = yield* Stream.runHead(render.regions(input, [region])).pipe(
        Effect.catchTag("ParseRejected", ({ cause }) =>
          Effect.sync(() => {
            failures++
            warn({ page, detail: `a table has no picture: ${explain(cause).message}` })
            return Option.none()
          }))
      )
      spentMs += (yield* Clock.currentTimeMillis) - before
      if (failures >= failuresBorne) stop(page, "drawing fails")
      else if (spentMs >= budgetMs) stop(page, "drawing takes too long")
      if (Option.isNone(picture)) return []
      const { bytes, mediaType } = picture.value
      const hash = hashOf(bytes)
      yield* keeper.keep({ hash, mediaType, bytes, name: `table, page ${page}, ${drawn + 1}.png` })
      return [{ hash, role: "table" as const }]
    })

    return Effect.fnUntraced(function*(element: Element) {
      const regions = element.kind === "table" ? regionsOf(element.boxes) : []
      if (regions.length === 0) return element
      const key = JSON.stringify(regions)
      if (key !== last.key) last = { key, assets: (yield* Effect.forEach(regions, draw)).flat() }
      return last.assets.length === 0 ? element : { ...element, assets: [...(element.assets ?? []), ...last.assets] }
    })
  }
})
