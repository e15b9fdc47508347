import type { AssetRef, Box, Element } from "@sheaf/domain/documents/Element"

/** A question and its answer, as a document has them. */
export interface Pair {
  readonly question: string
  readonly answer: string
  /** Titles above both, outermost first. */
  readonly headingPath: ReadonlyArray<string>
  readonly boxes: ReadonlyArray<Box>
  readonly assets: ReadonlyArray<AssetRef>
  /** What people find it by: `row 7`, `pair 3`. */
  readonly place: string
}

/** Where something stands that several elements say together. */
interface Source {
  readonly boxes: ReadonlyArray<Box>
  readonly assets: ReadonlyArray<AssetRef>
}

export const sourceOf = (elements: ReadonlyArray<Element>): Source => ({
  boxes: elements.flatMap(({ boxes }) => boxes).toSorted((a, b) => a.page - b.page),
  assets: [
    ...new Map(elements.flatMap(({ assets = [] }) => assets.map((asset) => [`${asset.hash} ${asset.role}`, asset])))
      .values()
  ]
})
