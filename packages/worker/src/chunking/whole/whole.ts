import type { Atom } from "../atoms/Atom.ts"
import { packed, type Packer } from "../atoms/packed.ts"
import { makeSizes, type Sizes } from "../atoms/Sizes.ts"
import type { Chunker } from "../Chunker.ts"

/** The document as one segment, or as few as the limit allows without cutting an element that would fit. No heading paths: all is text. */
export const whole: Chunker<"whole"> = {
  method: "whole",
  chunk: (elements, _settings, limits, countTokens) =>
    packed(elements, {
      sizes: makeSizes({ maxTokens: limits.maxTokens }, { limits, hasFloor: false }, countTokens),
      countTokens,
      makePacker
    })
}

const makePacker = (sizes: Sizes): Packer => {
  let pending: Array<Atom> = []
  let size = 0

  const take = (): ReadonlyArray<ReadonlyArray<Atom>> => {
    const taken = pending
    pending = []
    size = 0
    return taken.length === 0 ? [] : [taken]
  }

  return {
    push: (atom) => {
      const full = size + atom.size > sizes.capacity ? take() : []
      if (pending.length === 0) size = atom.header?.size ?? 0
      pending.push(atom)
      size += atom.size
      return full
    },
    end: take,
    lay: (atoms) => ({ atoms, headingPath: [], overlap: [], hasHeader: (atoms[0]?.header ?? null) !== null })
  }
}
