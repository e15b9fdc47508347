import { type ChunkLimits, LimitTooSmall, type SegmentDraft } from "@sheaf/adapters/chunking/Chunker"
import { chunk } from "@sheaf/adapters/chunking/chunkers"
import type { Embedder } from "@sheaf/adapters/embedding/Embedder"
import type { Element } from "@sheaf/domain/documents/Element"
import type { PreviewedSegment } from "@sheaf/domain/documents/Preview"
import { BadRequest } from "@sheaf/domain/edge/errors"
import type { Effective } from "@sheaf/domain/runs/effective"
import { Effect, Stream } from "effect"

/** A document is looked at up to here, however few segments that gave. */
const mostCharacters = 4_000_000

export const mostWarnings = 20

interface Cutting {
  readonly together: Effective
  readonly limit: number
  readonly space: ChunkLimits
  readonly embedder: Pick<Embedder["Service"], "countTokens">
}

/** The first segments that elements would be cut into; reads no more of them than that needs. */
export const cutFirst = Effect.fnUntraced(function*<E>(
  elements: Stream.Stream<Element, E>,
  { embedder, limit, space, together }: Cutting
) {
  const warnings: Array<string> = []
  const warn = (detail: string) => {
    if (warnings.length < mostWarnings) warnings.push(detail)
  }
  let looked = 0
  const taken = Stream.takeWhile(elements, ({ text }) => (looked += text.length) <= mostCharacters)
  const countTokens = (texts: ReadonlyArray<string>) => Effect.orDie(embedder.countTokens(texts))
  const drafts = yield* chunk(taken, together.chunking, space, countTokens, warn).pipe(
    Stream.take(limit + 1),
    Stream.runCollect,
    Effect.mapError((error) => error instanceof LimitTooSmall ? new BadRequest({ reason: error.message }) : error)
  )
  const left = [
    ...(looked > mostCharacters ? [`only the first ${mostCharacters} characters were looked at`] : []),
    ...(together.pipeline?.enrich ?? []).map(({ step }) => `the step "${step}" comes after cutting: it is left out`)
  ]
  return {
    segments: drafts.slice(0, limit).map(shown),
    more: drafts.length > limit || looked > mostCharacters,
    warnings: [...left, ...warnings].slice(0, mostWarnings),
    values: together.values
  }
})

const shown = ({ assets, boxes, family, fields, headingPath, text, tokens }: SegmentDraft): PreviewedSegment => ({
  text,
  headingPath,
  tokens,
  boxes,
  assets,
  ...(family !== undefined && { family }),
  ...(fields !== undefined && { fields })
})
