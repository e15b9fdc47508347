import { fileTypeFromFile } from "file-type"
import { compoundType } from "./compoundType.ts"
import { containerType } from "./containerType.ts"
import type { FileEnds } from "./readHead.ts"

const latin1 = new TextDecoder("latin1")

/**
 * Media type of a file with a signature; null when it has none, which makes it text or unknown bytes. The name matters to a damaged
 * container alone: it says what it was to be.
 */
export const binaryType = async (path: string, ends: FileEnds, name: string): Promise<string | null> => {
  if (isPdf(ends)) return "application/pdf"
  if (isContainer(ends)) return containerType(path, ends.head, name)
  const found = await fileTypeFromFile(path)
  if (found === undefined) return null
  if (found.mime === "application/x-cfb") return compoundType(path)
  // These are text: what kind is decided by reading it.
  return found.mime === "application/xml" || found.mime.startsWith("text/") ? null : found.mime
}

/** The header may follow up to 1,024 bytes of junk; then the file must look like one elsewhere too, for a text may quote it. */
const isPdf = ({ head, tail }: FileEnds): boolean => {
  const start = latin1.decode(head.subarray(0, 1_032))
  if (/^[\s\ufeff\u00ef\u00bb\u00bf]*%PDF-/.test(start)) return true
  if (!/(^|[\r\n\0])%PDF-\d/.test(start)) return false
  return /%%EOF|startxref/.test(latin1.decode(tail)) || /\d+ \d+ obj\b/.test(latin1.decode(head))
}

/** A zip begins with its first entry, or with the mark of a split one before it, or with its end when it is empty. */
const isContainer = ({ head }: FileEnds): boolean => {
  const start = latin1.decode(head.subarray(0, 8))
  return ["PK\x03\x04", "PK\x05\x06", "PK\x07\x08PK\x03\x04"].some((mark) => start.startsWith(mark))
}
