import type { Entry } from "yauzl"
import { ParseFailure } from "../Parser.ts"

/** Bytes of a local header without its names. */
const headerBytes = 30

/**
 * Each entry has bytes of its own. Where entries share bytes, a small file inflates without end, and two readers may see two different
 * contents; no program writes such containers.
 */
export const checkLayout = (
  entries: ReadonlyArray<Pick<Entry, "relativeOffsetOfLocalHeader" | "fileNameLength" | "compressedSize">>,
  fileSize: number
): void => {
  const spans = entries.map((entry) => ({
    start: entry.relativeOffsetOfLocalHeader,
    // At least: how long the local header's own extra field is, is not known here.
    end: entry.relativeOffsetOfLocalHeader + headerBytes + entry.fileNameLength + entry.compressedSize
  })).sort((a, b) => a.start - b.start)
  let reached = 0
  for (const { end, start } of spans) {
    if (start < reached) throw new ParseFailure({ _tag: "Corrupt", detail: "entries of the container overlap" })
    if (end > fileSize) throw new ParseFailure({ _tag: "Corrupt", detail: "the container is cut off" })
    reached = end
  }
}
