import { fileTypeFromFile } from "file-type"
import type { FileEnds } from "./readHead.ts"

const latin1 = new TextDecoder("latin1")

/**
 * Media type of a file with a signature; null when it has none, which makes it text or unknown bytes. Nothing here looks at the
 * file's name.
 */
export const binaryType = async (path: string, ends: FileEnds): Promise<string | null> => {
  if (isPdf(ends)) return "application/pdf"
  const found = await fileTypeFromFile(path)
  if (found === undefined) return null
  if (found.mime === "application/x-cfb") return compoundType(ends.head)
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

const streams: ReadonlyArray<readonly [name: string, type: string]> = [
  ["EncryptedPackage", "application/encrypted-office-document"],
  ["WordDocument", "application/msword"],
  ["Workbook", "application/vnd.ms-excel"],
  ["Book", "application/vnd.ms-excel"],
  ["PowerPoint Document", "application/vnd.ms-powerpoint"],
  ["VisioDocument", "application/vnd.visio"],
  ["__properties_version1.0", "application/vnd.ms-outlook"]
]

/** Legacy office files are all one container; the names in its directory tell them apart. */
const compoundType = (head: Uint8Array): string => {
  const names = latin1.decode(head).replaceAll("\0", "")
  const directory = latin1.decode(head)
  const wide = (name: string): string => Array.from(name, (letter) => `${letter}\0`).join("")
  const found = streams.find(([name]) => names.includes(name) && directory.includes(wide(name)))
  return found === undefined ? "application/x-cfb" : found[1]
}
