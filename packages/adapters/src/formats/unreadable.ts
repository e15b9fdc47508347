/** What parsers read, for people: any text in any character set is among it. */
export const supportedFormats = [
  "PDF",
  "Word (docx)",
  "PowerPoint (pptx)",
  "Excel (xlsx)",
  "EPUB",
  "Markdown",
  "HTML",
  "CSV",
  "JSON",
  "e-mail (eml)",
  "plain text"
] as const

type Signature = readonly [type: string, bytes: string]

const compound = "application/x-cfb"

/** Beginnings that no text has and no parser reads. Long enough that nothing else begins so by chance. */
const signatures: ReadonlyArray<Signature> = [
  ["image/png", "\x89PNG\r\n\x1a\n"],
  ["image/jpeg", "\xff\xd8\xff"],
  ["image/gif", "GIF87a"],
  ["image/gif", "GIF89a"],
  ["image/tiff", "II*\0"],
  ["image/tiff", "MM\0*"],
  ["audio/ogg", "OggS\0"],
  ["audio/flac", "fLaC\0"],
  ["video/matroska", "\x1aE\xdf\xa3"],
  ["application/gzip", "\x1f\x8b\x08"],
  ["application/zstd", "\x28\xb5\x2f\xfd"],
  ["application/x-xz", "\xfd7zXZ\0"],
  ["application/x-7z-compressed", "7z\xbc\xaf\x27\x1c"],
  ["application/vnd.rar", "Rar!\x1a\x07"],
  ["application/x-elf", "\x7fELF"],
  ["application/vnd.sqlite3", "SQLite format 3\0"],
  ["application/wasm", "\0asm\x01\0\0\0"],
  ["application/rtf", "{\\rtf1"],
  [compound, "\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"]
]

/** Kinds whose mark is not at the beginning, or comes in two parts. */
const others = (start: string): string | null => {
  if (start.startsWith("RIFF") && start.slice(8, 12) === "WEBP") return "image/webp"
  if (start.startsWith("RIFF") && start.slice(8, 12) === "WAVE") return "audio/wav"
  // A box of a size that its header can have: the word alone could stand in a text.
  if (start.startsWith("\0\0\0") && start.slice(4, 8) === "ftyp") return "video/mp4"
  return null
}

/** What is in a compound file, as its name says; nothing else reads it differently. */
const compounds: Readonly<Record<string, string>> = {
  doc: "application/msword",
  xls: "application/vnd.ms-excel",
  ppt: "application/vnd.ms-powerpoint",
  msg: "application/vnd.ms-outlook"
}

/** Under a password these are compound files too: whoever reads all of it says so. */
const maybeEncrypted = /^(?:doc|xls|ppt)[xm]$/

/** Bytes from the start of a file that say what it is. */
const headBytes = 1_032

/**
 * The media type of a file that certainly cannot be read, by its first bytes; `null` where that is not certain, which is left to whoever
 * reads all of it: what is in a zip shows at its end. A PDF may follow junk, so nothing with the mark of one is refused.
 */
export const unreadable = (head: Uint8Array, name: string): string | null => {
  const start = Buffer.from(head.subarray(0, headBytes)).toString("latin1")
  if (start.includes("%PDF-")) return null
  const found = signatures.find(([, bytes]) => start.startsWith(bytes))?.[0] ?? others(start)
  if (found !== compound) return found
  const extension = /\.([A-Za-z0-9]{1,5})$/.exec(name)?.[1]?.toLowerCase() ?? ""
  return maybeEncrypted.test(extension) ? null : compounds[extension] ?? found
}
