import type { Element } from "@sheaf/domain/documents/Element"
import { Effect, Stream } from "effect"
import type { Atom } from "../atoms/Atom.ts"
import { filling } from "../atoms/filling.ts"
import { fit } from "../atoms/fit.ts"
import type { Group } from "../atoms/Group.ts"
import { packed } from "../atoms/packed.ts"
import { makeSizes } from "../atoms/Sizes.ts"
import type { Chunker, SegmentDraft } from "../Chunker.ts"
import { Rows } from "./Rows.ts"

/**
 * A row a segment, with the names of the columns before their cells; a row that is too long becomes several with the same fields. Text
 * between tables is cut as by `whole`.
 */
export const table: Chunker<"table"> = {
  method: "table",
  chunk: (elements, { columns = [] }, limits, countTokens, warn) =>
    Stream.suspend(() => {
      const rows = new Rows(columns, warn)
      return packed(Stream.flatMap(elements, (element) => Stream.fromIterable(rows.of(element))), {
        sizes: makeSizes({ maxTokens: limits.maxTokens }, { limits, hasFloor: false }, countTokens),
        countTokens,
        makePacker: filling(() => byRow(rows)),
        makeFinish: (sizes, { lay }) => (segments) => {
          const groups = segments.map((atoms): Group => lay(atoms, []))
          return Effect.map(fit(groups, { sizes, countTokens, lay }), (fitted) =>
            fitted.map(({ draft, group }): SegmentDraft => {
              const fields = group.atoms[0] && rows.fieldsOf(group.atoms[0].element)
              return fields === undefined ? draft : { ...draft, fields }
            }))
        }
      })
    })
}

/** Rows share a segment with nothing. */
const byRow = (rows: Rows) => {
  let current: Element | undefined
  return ({ element }: Atom): boolean => {
    const isBreak = element !== current && (rows.isRow(element) || (current !== undefined && rows.isRow(current)))
    current = element
    return isBreak
  }
}
