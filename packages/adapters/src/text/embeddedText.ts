/** What is read of a segment: its text, and the titles above it, outermost first. */
export interface Passage {
  readonly headingPath: ReadonlyArray<string>
  readonly text: string
}

/**
 * What is embedded, analyzed and counted of a segment: the titles above it, then its text. So a passage is found by the words of its
 * headings too, and each title is there once.
 */
export const embeddedText = ({ headingPath, text }: Passage): string =>
  headingPath.length === 0 ? text : `${headingPath.join(" > ")}\n\n${text}`
