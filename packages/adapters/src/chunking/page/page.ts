import type { Atom } from "../atoms/Atom.ts"
import { filling } from "../atoms/filling.ts"
import { packed } from "../atoms/packed.ts"
import { makeSizes } from "../atoms/Sizes.ts"
import type { Chunker } from "../Chunker.ts"

/**
 * A page a segment; what is too long for one becomes several, without cutting an element that would fit. What goes on over pages belongs
 * to the one where it begins. A document without pages is cut as by `whole`.
 */
export const page: Chunker<"page"> = {
  method: "page",
  chunk: (elements, { maxTokens = limitless }, limits, countTokens) =>
    packed(elements, {
      sizes: makeSizes({ maxTokens: Math.min(maxTokens, limits.maxTokens) }, { limits, hasFloor: false }, countTokens),
      countTokens,
      makePacker: filling(isNextPage)
    })
}

const limitless = Number.MAX_SAFE_INTEGER

/** What has no box stands on the page of what is before it. */
const isNextPage = () => {
  let current = 0
  return ({ element }: Atom): boolean => {
    const page = element.boxes[0]?.page ?? 0
    const isNext = current > 0 && page > current
    current = Math.max(current, page)
    return isNext
  }
}
