import type { Annotation, IfExists, NewAnnotation } from "@sheaf/domain/annotations/Annotation"
import type { AnnotationsListOptions, CreatedAnnotation } from "../areas/Annotations.ts"
import type { CallOptions, MutationOptions } from "../options.ts"
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
  delete(which, options) {
    return runner.run(callSite(), (sheaf) => sheaf.annotations.delete(which, options), options)
  }
})
