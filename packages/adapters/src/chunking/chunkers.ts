import type { ChunkingSettings } from "@sheaf/domain/datasets/Dataset"
import type { Element } from "@sheaf/domain/documents/Element"
import type { Stream } from "effect"
import type { Chunker, ChunkLimits, CountTokens, LimitTooSmall, SegmentDraft, Warn } from "./Chunker.ts"
import { general } from "./general/general.ts"
import { page } from "./page/page.ts"
import { parentChild } from "./parent-child/parentChild.ts"
import { qa } from "./qa/qa.ts"
import { table } from "./table/table.ts"
import { whole } from "./whole/whole.ts"

/** Every way to cut a document, by the method that settings name. A method without a line here does not compile. */
const chunkers: { readonly [Method in ChunkingSettings["method"]]: Chunker<Method> } = {
  general,
  "parent-child": parentChild,
  qa,
  table,
  page,
  whole
}

/** Cuts a document as its dataset's settings say. `warn` hears what had to be left out. */
export const chunk = <E, E2>(
  elements: Stream.Stream<Element, E>,
  settings: ChunkingSettings,
  limits: ChunkLimits,
  countTokens: CountTokens<E2>,
  warn: Warn = () => {}
): Stream.Stream<SegmentDraft, E | E2 | LimitTooSmall> => dispatch(settings)(elements, limits, countTokens, warn)

const dispatch =
  (settings: ChunkingSettings) =>
  <E, E2>(elements: Stream.Stream<Element, E>, limits: ChunkLimits, countTokens: CountTokens<E2>, warn: Warn) => {
    switch (settings.method) {
      case "general":
        return chunkers.general.chunk(elements, settings, limits, countTokens, warn)
      case "parent-child":
        return chunkers["parent-child"].chunk(elements, settings, limits, countTokens, warn)
      case "qa":
        return chunkers.qa.chunk(elements, settings, limits, countTokens, warn)
      case "table":
        return chunkers.table.chunk(elements, settings, limits, countTokens, warn)
      case "page":
        return chunkers.page.chunk(elements, settings, limits, countTokens, warn)
      case "whole":
        return chunkers.whole.chunk(elements, settings, limits, countTokens, warn)
    }
  }
