import type { ChunkingSettings } from "@sheaf/domain/datasets/Dataset"
import type { Element } from "@sheaf/domain/documents/Element"
import type { Stream } from "effect"
import type { Chunker, ChunkLimits, CountTokens, LimitTooSmall, SegmentDraft } from "./Chunker.ts"
import { general } from "./general/general.ts"
import { whole } from "./whole/whole.ts"

/** Every way to cut a document, by the method that settings name. A method without a line here does not compile. */
const chunkers: { readonly [Method in ChunkingSettings["method"]]: Chunker<Method> } = {
  general,
  whole
}

/** Cuts a document as its dataset's settings say. */
export const chunk = <E, E2>(
  elements: Stream.Stream<Element, E>,
  settings: ChunkingSettings,
  limits: ChunkLimits,
  countTokens: CountTokens<E2>
): Stream.Stream<SegmentDraft, E | E2 | LimitTooSmall> => dispatch(settings)(elements, limits, countTokens)

const dispatch =
  (settings: ChunkingSettings) =>
  <E, E2>(elements: Stream.Stream<Element, E>, limits: ChunkLimits, countTokens: CountTokens<E2>) => {
    switch (settings.method) {
      case "general":
        return chunkers.general.chunk(elements, settings, limits, countTokens)
      case "whole":
        return chunkers.whole.chunk(elements, settings, limits, countTokens)
    }
  }
