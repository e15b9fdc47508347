import type { BlobOwner } from "@sheaf/adapters/blobs/BlobStore"
import type { RunContext } from "@sheaf/adapters/repos/runs/RunsRepo"
import { embeddedText } from "@sheaf/adapters/text/embeddedText"
import { Effect, Stream } from "effect"
import type { CountTokens, SegmentDraft } from "@sheaf/adapters/chunking/Chunker"
import type { BadJob, TryAgain } from "../../pipeline/Stage.ts"
import type { HttpCalls } from "../../steps/http/HttpCalls.ts"
import { type Enriched, failed } from "../../steps/Step.ts"
import { enrichWith } from "../../steps/steps.ts"
import { commonOf } from "../clean-elements/commonOf.ts"

/** Drafts whose tokens are counted again in one go. */
const atOnce = 50

/**
 * Takes segments through the steps that a pipeline has between cutting and embedding. Whatever they add, no segment is longer than the
 * space allows: titles above it go from the outside, and a text that is too long by itself fails.
 */
export const enriching = (
  { http, limit, owner, run }: {
    readonly owner: BlobOwner
    readonly run: RunContext
    readonly http: HttpCalls
    readonly limit: number
  },
  countTokens: CountTokens<TryAgain>
) =>
<E>(drafts: Stream.Stream<SegmentDraft, E>): Stream.Stream<Enriched, E | TryAgain | BadJob> => {
  const steps = run.config.pipeline?.enrich ?? []
  if (steps.length === 0) return drafts
  const recount = Effect.fnUntraced(function*(
    draft: Enriched,
    tokens: number
  ): Effect.fn.Return<Enriched, TryAgain | BadJob> {
    // A parent is read, and not embedded.
    if (tokens <= limit || draft.family === "parent") return { ...draft, tokens }
    if (draft.headingPath.length === 0) {
      return yield* failed({ name: "enrich" }, `a segment has ${tokens} tokens now, and may have ${limit}`)
    }
    const shorter = { ...draft, headingPath: draft.headingPath.slice(1) }
    const [fewer = 0] = yield* countTokens([embeddedText(shorter)])
    return yield* recount(shorter, fewer)
  })
  return enrichWith(steps, commonOf(owner, run, http))(drafts).pipe(
    Stream.grouped(atOnce),
    Stream.mapEffect((batch) =>
      Effect.flatMap(
        countTokens(batch.map(embeddedText)),
        (counts) => Effect.forEach(batch, (draft, index) => recount(draft, counts[index] ?? 0))
      )
    ),
    Stream.flatMap(Stream.fromIterable)
  )
}
