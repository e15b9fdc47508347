import type { Annotation, AnnotationOutcome, IfExists, NewAnnotation } from "@sheaf/domain/annotations/Annotation"
import type { CloseAnnotation, Hit, MatchAnswer } from "@sheaf/domain/annotations/Match"
import type { AnnotationId, AppId } from "@sheaf/domain/ids"
import type { Effect } from "effect"
import type { Calls } from "../connection/Calls.ts"
import type { CallError } from "../connection/rpc.ts"
import type { CallOptions, MutationOptions, Page, PageOptions } from "../options.ts"
import type { Feed } from "../streams/Feed.ts"
import { pageOf } from "./Datasets.ts"
import { everyItem } from "./pages.ts"

/** What became of a new annotation, and the one that has its question now. */
export interface CreatedAnnotation {
  readonly annotation: Annotation
  readonly outcome: AnnotationOutcome
  /** Up to five others that would have been the answer to its question. */
  readonly similar: ReadonlyArray<CloseAnnotation>
}

export interface AnnotationsListOptions extends PageOptions, CallOptions {
  readonly appId: string
  /** In the question or the answer, whatever the case. */
  readonly text?: string
  /** Whether others of the app have the same question. */
  readonly duplicated?: boolean
  /** Whether it never was the answer. */
  readonly unused?: boolean
}

/** What somebody asks an app. */
export interface Asked {
  readonly appId: string
  readonly question: string
}

/** Curated questions and answers of apps. */
export interface Annotations {
  /** Where the app has the question already, `ifExists` decides. Default `skip`. */
  readonly create: (
    annotation: NewAnnotation & { readonly appId: string; readonly ifExists?: IfExists },
    options?: MutationOptions
  ) => Effect.Effect<CreatedAnnotation, CallError<"AnnotationsCreate">>
  readonly get: (
    annotationId: string,
    options?: CallOptions
  ) => Effect.Effect<Annotation, CallError<"AnnotationsGet">>
  /** One page, the newest first. */
  readonly list: (options: AnnotationsListOptions) => Effect.Effect<Page<Annotation>, CallError<"AnnotationsList">>
  readonly all: (options: AnnotationsListOptions) => Feed<Annotation, CallError<"AnnotationsList">>
  /** With `ifVersion` only where nobody has changed it since. */
  readonly update: (
    annotationId: string,
    changes: Partial<NewAnnotation> & { readonly ifVersion?: number },
    options?: MutationOptions
  ) => Effect.Effect<Annotation, CallError<"AnnotationsUpdate">>
  /** The answer to a question: the best at or above the app's threshold. */
  readonly match: (
    asked: Asked,
    options?: CallOptions
  ) => Effect.Effect<MatchAnswer, CallError<"AnnotationsMatch">>
  /** What is close to a question, the closest first. */
  readonly similar: (
    asked: Asked & { readonly threshold?: number; readonly limit?: number },
    options?: CallOptions
  ) => Effect.Effect<{ readonly items: ReadonlyArray<CloseAnnotation> }, CallError<"AnnotationsSimilar">>
  /** When it was the answer, the latest first: one page. Kept 90 days. */
  readonly hits: (
    annotationId: string,
    options?: PageOptions & CallOptions
  ) => Effect.Effect<Page<Hit>, CallError<"AnnotationsHits">>
  readonly everyHit: (
    annotationId: string,
    options?: PageOptions & CallOptions
  ) => Feed<Hit, CallError<"AnnotationsHits">>
  /** Up to 1,000 of an app. */
  readonly delete: (
    which: { readonly appId: string; readonly annotationIds: ReadonlyArray<string> },
    options?: MutationOptions
  ) => Effect.Effect<
    { readonly deleted: ReadonlyArray<string>; readonly missing: ReadonlyArray<string> },
    CallError<"AnnotationsDelete">
  >
}

export const makeAnnotations = (calls: Calls): Annotations => {
  const of = (annotationId: string) => ({ annotationId: annotationId as AnnotationId })
  const list: Annotations["list"] = ({ appId, cursor, duplicated, limit, text, timeout, unused }) =>
    calls.query("AnnotationsList", {
      appId: appId as AppId,
      ...(duplicated !== undefined && { duplicated }),
      ...(text !== undefined && { text }),
      ...(unused !== undefined && { unused }),
      ...pageOf({ cursor, limit })
    }, { timeout })
  const hits = (
    annotationId: string,
    { cursor, limit, timeout }: PageOptions & CallOptions = {}
  ) => calls.query("AnnotationsHits", { ...of(annotationId), ...pageOf({ cursor, limit }) }, { timeout })
  return {
    match: ({ appId, question }, options) =>
      calls.query("AnnotationsMatch", { appId: appId as AppId, question }, options),
    similar: ({ appId, ...asked }, options) =>
      calls.query("AnnotationsSimilar", { appId: appId as AppId, ...asked }, options),
    hits,
    everyHit: (annotationId, options = {}) => everyItem((page) => hits(annotationId, page), options),
    create: ({ appId, ...annotation }, options) =>
      calls.mutate("AnnotationsCreate", { appId: appId as AppId, ...annotation }, options),
    get: (annotationId, options) => calls.query("AnnotationsGet", of(annotationId), options),
    list,
    all: (options) => everyItem(list, options),
    update: (annotationId, changes, options) =>
      calls.mutate("AnnotationsUpdate", { ...of(annotationId), ...changes }, options),
    delete: ({ annotationIds, appId }, options) =>
      calls.mutate("AnnotationsDelete", {
        appId: appId as AppId,
        annotationIds: annotationIds as ReadonlyArray<AnnotationId>
      }, options)
  }
}
