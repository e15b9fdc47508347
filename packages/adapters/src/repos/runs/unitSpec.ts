import { Effect, Option, Schema } from "effect"

/** What a unit of `ParsePages` is about: a range of pages, or all of a format without. Absent until somebody has looked at the document. */
const UnitSpec = Schema.Struct({
  range: Schema.optionalKey(Schema.NullOr(Schema.Struct({ first: Schema.Int, last: Schema.Int })))
})

const decode = Schema.decodeUnknownEffect(UnitSpec)
const decodeOption = Schema.decodeUnknownOption(UnitSpec)

/** What we wrote ourselves and cannot read is a bug. */
export const specOf = (unit: { readonly spec: unknown }) => Effect.orDie(decode(unit.spec))

const firstPage = (unit: { readonly spec: unknown }): number =>
  Option.match(decodeOption(unit.spec), { onNone: () => 0, onSome: ({ range }) => range?.first ?? 0 })

/** In the order of their pages: units that were planned last may stand in between. */
export const inPageOrder = <Unit extends { readonly spec: unknown }>(
  units: ReadonlyArray<Unit>
): ReadonlyArray<Unit> => units.toSorted((one, other) => firstPage(one) - firstPage(other))
