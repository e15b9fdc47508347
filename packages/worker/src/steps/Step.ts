import type { BlobOwner } from "@sheaf/adapters/blobs/BlobStore"
import type { Element } from "@sheaf/domain/documents/Element"
import type { Metadata } from "@sheaf/domain/documents/Metadata"
import type { CleanStep, EnrichStep, Step, StepOf } from "@sheaf/domain/pipelines/Step"
import type { RunPipeline } from "@sheaf/domain/runs/pipelineLevel"
import { Effect, type Result, Stream } from "effect"
import type { SegmentDraft } from "@sheaf/adapters/chunking/Chunker"
import { BadJob, type TryAgain } from "../pipeline/Stage.ts"
import { tidy } from "../parsing/tidy.ts"
import type { HttpCalls } from "./http/HttpCalls.ts"

/** What a step knows besides its settings. */
export interface StepContext {
  /** What it is called in what is said about it. */
  readonly name: string
  readonly owner: BlobOwner
  readonly pipeline: Pick<RunPipeline, "id" | "name" | "version">
  readonly document: { readonly name: string; readonly mediaType: string | null; readonly metadata: Metadata }
  readonly http: HttpCalls
}

/** A segment on its way, with words by which it is found besides its text. */
export interface Enriched extends SegmentDraft {
  readonly keywords?: ReadonlyArray<string>
}

/** What a step does to all that goes through it, in order; no more than a few of them in memory. */
export type Transform<A> = <E>(items: Stream.Stream<A, E>) => Stream.Stream<A, E | TryAgain | BadJob>

/** One kind of step: its settings were checked when the pipeline was made. */
export type MakeStep<Kind extends Step["step"], A> = (settings: StepOf<Kind>, context: StepContext) => Transform<A>

export type Cleaners = { readonly [Kind in CleanStep["step"]]: MakeStep<Kind, Element> }
export type Enrichers = { readonly [Kind in EnrichStep["step"]]: MakeStep<Kind, Enriched> }

/** The step cannot do its work on this document, and will not do it later either. */
export const failed = ({ name }: Pick<StepContext, "name">, detail: string): BadJob =>
  new BadJob({ cause: { _tag: "StepFailed", step: name, detail: detail.slice(0, 500), retryable: false } })

/**
 * A step of one pure function. What it makes of an element is brought into the shape that all elements have; an empty one goes. Others get
 * their turn after each.
 */
export const cleaning =
  (context: StepContext, clean: (element: Element) => Result.Result<Element | null, string>): Transform<Element> =>
  (elements) =>
    elements.pipe(
      Stream.mapEffect((element) =>
        Effect.flatMap(Effect.yieldNow, () => {
          const cleaned = clean(element)
          if (cleaned._tag === "Failure") return Effect.fail(failed(context, cleaned.failure))
          return Effect.succeed(cleaned.success === null ? [] : Array.from(tidy(cleaned.success)))
        })
      ),
      Stream.flatMap(Stream.fromIterable)
    )
