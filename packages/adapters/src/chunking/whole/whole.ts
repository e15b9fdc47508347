import { filling } from "../atoms/filling.ts"
import { packed } from "../atoms/packed.ts"
import { makeSizes } from "../atoms/Sizes.ts"
import type { Chunker } from "../Chunker.ts"

/** The document as one segment, or as few as the limit allows without cutting an element that would fit. No heading paths: all is text. */
export const whole: Chunker<"whole"> = {
  method: "whole",
  chunk: (elements, _settings, limits, countTokens) =>
    packed(elements, {
      sizes: makeSizes({ maxTokens: limits.maxTokens }, { limits, hasFloor: false }, countTokens),
      countTokens,
      makePacker: filling(() => () => false)
    })
}
