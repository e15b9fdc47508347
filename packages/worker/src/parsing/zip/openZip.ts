import { crc32 } from "node:zlib"
import { type Entry, getFileNameLowLevel, openPromise, type ZipFile } from "yauzl"
import { ParseFailure } from "../Parser.ts"
import { checkLayout } from "./layout.ts"
import { type ZipLimits, zipLimits } from "./limits.ts"

/**
 * A container that is read entry by entry, and never unpacked: names are keys here and paths nowhere, and what is a container itself
 * stays one entry of bytes. Everything that is wrong with it is a `ParseFailure`: `Corrupt`, `TooLarge` or `Encrypted`.
 */
export interface Zip {
  /** Names of all entries but folders, as written, with `/` between folders; in the order of the directory. */
  readonly names: ReadonlyArray<string>
  readonly has: (name: string) => boolean
  /** Inflated bytes by what the container says; `null` when there is no such entry. Not to be relied on: limits never are. */
  readonly size: (name: string) => number | null
  /** The entry's bytes piece by piece, checked at the end. `Corrupt` when there is no such entry. */
  readonly stream: (name: string) => AsyncGenerator<Uint8Array>
  /** The entry's bytes, if it is no longer than `maxBytes` (and `limits.heldBytes`). */
  readonly read: (name: string, maxBytes?: number) => Promise<Uint8Array>
  readonly close: () => void
}

/** Opens a container for reading; whoever opens it closes it. A file that is not there stays the error that it is. */
export const openZip = async (path: string, limits: ZipLimits = zipLimits): Promise<Zip> => {
  const file = await openPromise(path, { autoClose: false, decodeStrings: false }).catch(refuse)
  try {
    return zipOf(file, await entriesOf(file, limits), limits)
  } catch (error) {
    file.close()
    throw error
  }
}

type Entries = ReadonlyMap<string, Entry>

const entriesOf = async (file: ZipFile, limits: ZipLimits): Promise<Entries> => {
  checkLimit("entries in the container", file.entryCount, limits.entries)
  const entries: Array<Entry> = []
  try {
    for await (const entry of file.eachEntry()) entries.push(entry)
  } catch (error) {
    refuse(error)
  }
  checkLayout(entries, file.fileSize)
  const named = new Map<string, Entry>()
  for (const entry of entries) {
    const name = nameOf(entry)
    if (name.endsWith("/")) continue
    // Two readers might take different ones.
    if (named.has(name)) throw corrupt(`the container has two entries of one name: ${name.slice(0, 200)}`)
    named.set(name, entry)
  }
  return named
}

const nameOf = (entry: Entry): string =>
  getFileNameLowLevel(entry.generalPurposeBitFlag, entry.fileNameRaw, entry.extraFields, false)

const zipOf = (file: ZipFile, entries: Entries, limits: ZipLimits): Zip => {
  let total = 0
  const stream = async function*(name: string, most: number): AsyncGenerator<Uint8Array> {
    const entry = entries.get(name)
    if (entry === undefined) throw corrupt(`the container lacks ${name.slice(0, 200)}`)
    if (entry.isEncrypted()) throw new ParseFailure({ _tag: "Encrypted", wrongPassword: false })
    checkLimit("inflated bytes in one entry", entry.uncompressedSize, most)
    let size = 0
    let sum = 0
    for await (const chunk of bytesOf(file, entry)) {
      size += chunk.length
      total += chunk.length
      checkLimit("inflated bytes in one entry", size, most)
      checkLimit("inflated bytes in the container", total, limits.totalBytes)
      const ratio = size / Math.max(1, entry.compressedSize)
      if (size > limits.ratioFrom && ratio > limits.ratio) {
        throw new ParseFailure({
          _tag: "TooLarge",
          what: "inflated bytes for each packed one",
          limit: limits.ratio,
          actual: Math.round(ratio)
        })
      }
      sum = crc32(chunk, sum)
      yield chunk
    }
    if (sum !== entry.crc32) throw corrupt(`the checksum of ${name.slice(0, 200)} is wrong`)
  }
  return {
    names: [...entries.keys()],
    has: (name) => entries.has(name),
    size: (name) => entries.get(name)?.uncompressedSize ?? null,
    stream: (name) => stream(name, limits.entryBytes),
    read: async (name, maxBytes = limits.heldBytes) => {
      const chunks: Array<Uint8Array> = []
      for await (const chunk of stream(name, Math.min(maxBytes, limits.heldBytes))) chunks.push(chunk)
      return Buffer.concat(chunks)
    },
    close: () => file.close()
  }
}

const bytesOf = async function*(file: ZipFile, entry: Entry): AsyncGenerator<Buffer> {
  try {
    yield* await file.openReadStreamPromise(entry) as AsyncIterable<Buffer>
  } catch (error) {
    refuse(error)
  }
}

const corrupt = (detail: string) => new ParseFailure({ _tag: "Corrupt", detail })

const checkLimit = (what: string, actual: number, limit: number): void => {
  if (actual > limit) throw new ParseFailure({ _tag: "TooLarge", what, limit, actual })
}

/** What the library says of a container is for people to read; errors of the system are no fault of the content. */
const refuse = (error: unknown): never => {
  if (!(error instanceof Error)) throw error
  if (/strong encryption|is encrypted/.test(error.message)) {
    throw new ParseFailure({ _tag: "Encrypted", wrongPassword: false })
  }
  const code = "code" in error && typeof error.code === "string" ? error.code : ""
  if (code !== "" && !/^(?:Z_|ERR_)/.test(code)) throw error
  throw corrupt(error.message.slice(0, 200))
}
