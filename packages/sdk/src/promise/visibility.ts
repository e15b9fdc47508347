import type { DocumentVisibility, SegmentsNamed, SegmentsVisibility, VisibilityOptions } from "../areas/visibility.ts"
import { type Abortable, callSite, type Runner } from "./Runner.ts"

type Options = VisibilityOptions & Abortable

/** What readers see. What is hidden is in no search that begins afterwards; what is shown is found when the index has it. */
export interface DocumentSwitchesClient {
  enable(documentId: string, options?: Options): Promise<DocumentVisibility>
  disable(documentId: string, options?: Options): Promise<DocumentVisibility>
  archive(documentId: string, options?: Options): Promise<DocumentVisibility>
  unarchive(documentId: string, options?: Options): Promise<DocumentVisibility>
}

/** The same for segments of one document, up to 10,000 at once. */
export interface SegmentSwitchesClient {
  enable(segments: SegmentsNamed, options?: Options): Promise<SegmentsVisibility>
  disable(segments: SegmentsNamed, options?: Options): Promise<SegmentsVisibility>
}

export const documentSwitchesOf = (runner: Runner): DocumentSwitchesClient => {
  const set = (verb: keyof DocumentSwitchesClient) => (documentId: string, options?: Options) =>
    runner.run(callSite(), (sheaf) => sheaf.documents[verb](documentId, options), options)
  return { enable: set("enable"), disable: set("disable"), archive: set("archive"), unarchive: set("unarchive") }
}

export const segmentSwitchesOf = (runner: Runner): SegmentSwitchesClient => {
  const set = (verb: keyof SegmentSwitchesClient) => (segments: SegmentsNamed, options?: Options) =>
    runner.run(callSite(), (sheaf) => sheaf.segments[verb](segments, options), options)
  return { enable: set("enable"), disable: set("disable") }
}
