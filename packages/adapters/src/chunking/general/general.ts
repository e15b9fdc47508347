import { packed } from "../atoms/packed.ts"
import { makeSizes } from "../atoms/Sizes.ts"
import type { Chunker } from "../Chunker.ts"
import { byTitle } from "./byTitle.ts"

/**
 * By title. Sections begin at titles; a section shares a segment with its own subsections, small sections (under `combineUnder`) share one
 * with each other, up to `softMaxTokens`. Longer ones are cut at anchors: the best places (titles, then blocks, sentences, words) of their
 * neighbourhood, chosen by content, so that a document that grows keeps most of its segments.
 */
export const general: Chunker<"general"> = {
  method: "general",
  chunk: (elements, settings, limits, countTokens) =>
    packed(elements, {
      sizes: makeSizes(settings, { limits, hasFloor: true }, countTokens),
      countTokens,
      makePacker: byTitle
    })
}
