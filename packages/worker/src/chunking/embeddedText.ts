import type { SegmentDraft } from "./Chunker.ts"

/**
 * What is embedded, analyzed and counted of a segment: the titles above it, then its text. So a passage is found by the words of its
 * headings too, and each title is there once.
 */
export const embeddedText = ({ headingPath, text }: Pick<SegmentDraft, "headingPath" | "text">): string =>
  headingPath.length === 0 ? text : `${headingPath.join(" > ")}\n\n${text}`
