import { type Attachment, decodeWords, type Email } from "postal-mime"
import type { Attached } from "../attachedList.ts"
import type { FoundAsset } from "../Parser.ts"

export interface Attachments {
  readonly attached: ReadonlyArray<Attached>
  /** Pictures of the body, by the address that the body names them with. */
  readonly inline: ReadonlyMap<string, FoundAsset>
}

/** What proves who wrote a mail, and is nothing to read. */
const isSignature = (mediaType: string): boolean =>
  /^application\/(?:x-)?(?:pkcs7-signature|pgp-signature|pgp-keys)$/.test(mediaType)

/** A body that only its receiver can read. */
export const isCipher = (mediaType: string): boolean =>
  /^application\/(?:(?:x-)?pkcs7-mime|pgp-encrypted)$/.test(mediaType)

/** Files and pictures of a mail, in their order; what is empty or only proves who wrote is none. */
export const attachmentsOf = (email: Email): Attachments => {
  const attached: Array<Attached> = []
  const inline = new Map<string, FoundAsset>()
  const shown = new Set(Array.from((email.html ?? "").matchAll(/\bcid:([^"'\s>)]{1,500})/gi), ([, id]) => decoded(id!)))
  for (const part of email.attachments) {
    const bytes = bytesOf(part.content)
    const mediaType = part.mimeType.toLowerCase().trim() || "application/octet-stream"
    const id = part.contentId?.replace(/^\s*<|>\s*$/g, "")
    if (bytes.length === 0 || isSignature(mediaType)) continue
    if (id !== undefined && shown.has(id) && mediaType.startsWith("image/")) {
      inline.set(`cid:${id}`, { bytes, mediaType, ...(part.filename !== null && { name: part.filename }) })
    } else {
      attached.push({
        mediaType,
        name: nameOf(part, bytes, attached.length + 1),
        read: () => Promise.resolve(bytes)
      })
    }
  }
  return { attached, inline }
}

/** The part of an address that may be written in two ways. */
export const decoded = (text: string): string => {
  try {
    return decodeURIComponent(text)
  } catch {
    return text
  }
}

const bytesOf = (content: Attachment["content"]): Uint8Array => {
  if (typeof content === "string") return Buffer.from(content, "utf8")
  return content instanceof Uint8Array ? content : new Uint8Array(content)
}

const subject = /^subject:[ \t]*([^\r\n]{1,2000}(?:\r?\n[ \t][^\r\n]{1,2000}){0,20})/im

/** A name that says what it is: a mail within a mail is called by its subject. */
const nameOf = ({ filename, mimeType }: Attachment, bytes: Uint8Array, number: number): string => {
  if (filename !== null && filename.trim() !== "") return filename
  if (mimeType !== "message/rfc822") return `attachment-${number}${endings.get(mimeType) ?? ""}`
  const head = Buffer.from(bytes.buffer, bytes.byteOffset, Math.min(bytes.length, 16_384)).toString("latin1")
  const found = subject.exec(head.split(/\r?\n\r?\n/, 1)[0]!)?.[1]
  const said = found === undefined ? "" : decodeWords(found.replace(/\r?\n[ \t]+/g, " ")).trim()
  return `${said === "" ? `message-${number}` : said.slice(0, 100)}.eml`
}

const endings: ReadonlyMap<string, string> = new Map([
  ["application/pdf", ".pdf"],
  ["text/plain", ".txt"],
  ["text/html", ".html"],
  ["text/calendar", ".ics"],
  ["text/csv", ".csv"],
  ["message/delivery-status", ".txt"]
])
