import { analyse } from "chardet"
import iconv from "iconv-lite"
import { createReadStream } from "node:fs"

/** Bytes looked at when no rule but statistics is left. */
const sampleSize = 65_536

/**
 * The character set of a text: byte order mark, then UTF-8 if it holds throughout (nothing else passes by chance), then UTF-16 by
 * its zeros, then what the text declares itself, then statistics. Null means that these bytes are no text.
 */
export const charsetOf = async (path: string, head: Uint8Array, declared: string | null): Promise<string | null> => {
  const marked = byteOrderMark(head)
  if (marked !== null) return marked
  const wide = wideCharset(head)
  if (wide !== null) return wide
  if (looksBinary(head)) return null
  const utf8 = await scanUtf8(path)
  if (utf8.sample === null) return "utf-8"
  if (declared !== null && iconv.encodingExists(declared) && !/^utf-?16/i.test(declared)) return declared
  // A damaged UTF-8 text is still UTF-8: most of its sequences hold.
  if (utf8.valid > 3 * utf8.invalid) return "utf-8"
  return isVaried(utf8.sample) ? guess(utf8.sample) : null
}

const byteOrderMark = (head: Uint8Array): string | null => {
  const [a, b, c, d] = head
  if (a === 0xef && b === 0xbb && c === 0xbf) return "utf-8"
  if (a === 0xff && b === 0xfe) return c === 0 && d === 0 ? "utf-32le" : "utf-16le"
  if (a === 0xfe && b === 0xff) return "utf-16be"
  if (a === 0 && b === 0 && c === 0xfe && d === 0xff) return "utf-32be"
  return null
}

/** UTF-16 without a mark: text in it has many zero bytes in one half of the positions and hardly any in the other. */
const wideCharset = (head: Uint8Array): string | null => {
  const length = Math.min(head.length, 4_096) & ~1
  if (length < 4) return null
  let even = 0
  let odd = 0
  for (let at = 0; at < length; at += 2) {
    if (head[at] === 0) even++
    if (head[at + 1] === 0) odd++
  }
  const half = length / 2
  if (odd > half * 0.4 && even < half * 0.02) return "utf-16le"
  if (even > half * 0.4 && odd < half * 0.02) return "utf-16be"
  return null
}

/** Text has next to no control characters; a stray one is forgiven. (ESC stays: ISO-2022 uses it.) */
const looksBinary = (head: Uint8Array): boolean => {
  let control = 0
  let zero = 0
  for (const byte of head) {
    if (byte === 0) zero++
    else if (byte < 0x20 && byte !== 9 && byte !== 10 && byte !== 12 && byte !== 13 && byte !== 0x1b) control++
  }
  return zero > head.length * 0.001 + 2 || control > head.length * 0.02 + 4
}

interface Utf8Scan {
  readonly valid: number
  readonly invalid: number
  /** Lines around the first bytes that are not ASCII, when the whole is not UTF-8; null when it is. */
  readonly sample: Uint8Array | null
}

const scanUtf8 = async (path: string): Promise<Utf8Scan> => {
  const strict = new TextDecoder("utf-8", { fatal: true })
  let sound = true
  let valid = 0
  let invalid = 0
  const kept: Array<Buffer> = []
  let size = 0
  // oxlint-disable-next-line no-control-regex
  const beyondAscii = /[^\u0000-\u007f]/
  for await (const chunk of createReadStream(path) as AsyncIterable<Buffer>) {
    if (sound) {
      try {
        strict.decode(chunk, { stream: true })
      } catch {
        sound = false
      }
    }
    if (size < sampleSize && beyondAscii.test(chunk.toString("latin1"))) {
      kept.push(chunk.subarray(0, sampleSize))
      size += chunk.length
      const text = new TextDecoder().decode(chunk)
      for (const character of text) {
        if (character === "\ufffd") invalid++
        else if (character > "\u007f") valid++
      }
    }
    if (!sound && size >= sampleSize) break
  }
  if (sound) {
    try {
      strict.decode()
      return { valid, invalid, sample: null }
    } catch {
      // It ends in the middle of a character.
    }
  }
  return { valid, invalid, sample: Buffer.concat(kept).subarray(0, sampleSize) }
}

/**
 * No writing gets by with a few letters beyond ASCII: a long run of equal bytes is an empty disk or a white picture. Short texts are
 * let through.
 */
const isVaried = (sample: Uint8Array): boolean => {
  if (sample.length < 512) return true
  const beyond = sample.filter((byte) => byte > 0x7f)
  return beyond.length < 0.4 * sample.length || new Set(beyond).size > 12
}

/** Short Western texts look like many things; what people really have is Windows-1252. */
const guess = (sample: Uint8Array): string => {
  const [best] = analyse(sample)
  if (best === undefined || best.confidence < 40 || /^(ascii|utf-?8|utf-?16|utf-?32|iso-8859-1$)/i.test(best.name)) {
    return "windows-1252"
  }
  return iconv.encodingExists(best.name) ? best.name : "windows-1252"
}
