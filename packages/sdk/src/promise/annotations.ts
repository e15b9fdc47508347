import type { Annotation, IfExists, NewAnnotation } from "@sheaf/domain/annotations/Annotation"
import type { CloseAnnotation, Hit, MatchAnswer } from "@sheaf/domain/annotations/Match"
import type { AnnotationsListOptions, Asked, CreatedAnnotation } from "../areas/Annotations.ts"
import type { CallOptions, MutationOptions, PageOptions } from "../options.ts"
import type { PageCall } from "./PageCall.ts"
import { pages } from "./pages.ts"
import { type Abortable, callSite, type Runner } from "./Runner.ts"

type Mutation = MutationOptions & Abortable
type Call = CallOptions & Abortable

/** Curated questions and answers of apps. */
export interface AnnotationsClient {
  /** Where the app has the question already, `ifExists` decides. Default `skip`. */
  create(
    annotation: NewAnnotation & { readonly appId: string; readonly ifExists?: IfExists },
    options?: Mutation
  ): Promise<CreatedAnnotation>
  get(annotationId: string, options?: Call): Promise<Annotation>
  /** The newest first. */
  list(options: AnnotationsListOptions & Abortable): PageCall<Annotation>
  /** With `ifVersion` only where nobody has changed it since. */
  update(
    annotationId: string,
    changes: Partial<NewAnnotation> & { readonly ifVersion?: number },
    options?: Mutation
  ): Promise<Annotation>
  /** The answer to a question: the best at or above the app's threshold. */
  match(asked: Asked, options?: Call): Promise<MatchAnswer>
  /** What is close to a question, the closest first. */
  similar(
    asked: Asked & { readonly threshold?: number; readonly limit?: number },
    options?: Call
  ): Promise<{ readonly items: ReadonlyArray<CloseAnnotation> }>
  /** When it was the answer, the latest first. Kept 90 days. */
  hits(annotationId: string, options?: PageOptions & Call): PageCall<Hit>
  /** Up to 1,000 of an app. */
  delete(
    which: { readonly appId: string; readonly annotationIds: ReadonlyArray<string> },
    options?: Mutation
  ): Promise<{ readonly deleted: ReadonlyArray<string>; readonly missing: ReadonlyArray<string> }>
}

export const annotationsOf = (runner: Runner): AnnotationsClient => ({
  create(annotation, options) {
    return runner.run(callSite(), (sheaf) => sheaf.annotations.create(annotation, options), options)
  },
  get(annotationId, options) {
    return runner.run(callSite(), (sheaf) => sheaf.annotations.get(annotationId, options), options)
  },
  list(options) {
    return pages(runner, (sheaf) => sheaf.annotations, options)
  },
  update(annotationId, changes, options) {
    return runner.run(callSite(), (sheaf) => sheaf.annotations.update(annotationId, changes, options), options)
  },
  match(asked, options) {
    return runner.run(callSite(), (sheaf) => sheaf.annotations.match(asked, options), options)
  },
  similar(asked, options) {
    return runner.run(callSite(), (sheaf) => sheaf.annotations.similar(asked, options), options)
  },
  hits(annotationId, options) {
    return pages(runner, ({ annotations }) => ({
      list: (page) => annotations.hits(annotationId, page),
      all: (page) => annotations.everyHit(annotationId, page)
    }), options ?? {})
  },
  delete(which, options) {
    return runner.run(callSite(), (sheaf) => sheaf.annotations.delete(which, options), options)
  }
})
