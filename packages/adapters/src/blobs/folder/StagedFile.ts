import type { FileHandle } from "node:fs/promises"
import { dirname } from "node:path"
import { factsOf, openInDirectory, openToRead, openToWrite, syncDirectory, writeAll } from "./files.ts"
import type { BlobPaths } from "./paths.ts"

/** 16 digits and a line feed: a torn line is recognised by its length or by what is not a digit. */
const lineLength = 17

const lineOf = (end: number): Uint8Array => new TextEncoder().encode(`${end.toString().padStart(16, "0")}\n`)

interface LastLine {
  readonly end: number
  readonly lines: number
}

const lastLine = async (handle: FileHandle): Promise<LastLine> => {
  const { size } = await handle.stat()
  for (let lines = Math.floor(size / lineLength); lines > 0; lines--) {
    const bytes = new Uint8Array(lineLength)
    await handle.read(bytes, 0, lineLength, (lines - 1) * lineLength)
    const line = new TextDecoder().decode(bytes)
    if (/^\d{16}\n$/.test(line)) return { end: Number(line), lines }
  }
  return { end: 0, lines: 0 }
}

/** How many bytes of a blob in the making are safe; `null` if there is none in the making. */
export const safeEnd = async (paths: BlobPaths): Promise<number | null> => {
  const facts = await factsOf(paths.stage)
  if (facts === null) return null
  if ((await factsOf(paths.ends)) === null) return 0
  const handle = await openToRead(paths.ends)
  try {
    return Math.min((await lastLine(handle)).end, facts.size)
  } finally {
    await handle.close()
  }
}

/**
 * The bytes of a blob in the making. A second small file says how many of them are acknowledged: what lies beyond was torn by a death
 * in the middle and is cut off before anything is added. The data is made durable before the line that speaks of it.
 */
export class StagedFile {
  readonly #data: FileHandle
  readonly #ends: FileHandle
  readonly #directory: string
  #lines: number
  #acknowledged: number
  #position: number

  private constructor(options: { data: FileHandle; ends: FileHandle; directory: string; last: LastLine }) {
    this.#data = options.data
    this.#ends = options.ends
    this.#directory = options.directory
    this.#lines = options.last.lines
    this.#acknowledged = options.last.end
    this.#position = options.last.end
  }

  static async open(paths: BlobPaths): Promise<StagedFile> {
    const directory = dirname(paths.blob)
    const data = await openInDirectory(paths.stage, "existing or new")
    try {
      const ends = await openToWrite(paths.ends, "existing or new")
      try {
        const { size } = await data.stat()
        const { end, lines } = await lastLine(ends)
        const last = { end: Math.min(end, size), lines }
        if (size > last.end) await data.truncate(last.end)
        return new StagedFile({ data, ends, directory, last })
      } catch (cause) {
        await ends.close()
        throw cause
      }
    } catch (cause) {
      await data.close()
      throw cause
    }
  }

  /** Bytes written, safe or not. */
  get position(): number {
    return this.#position
  }

  get acknowledged(): number {
    return this.#acknowledged
  }

  async append(bytes: Uint8Array): Promise<void> {
    await writeAll(this.#data, bytes, this.#position)
    this.#position += bytes.length
  }

  /** Makes what was written safe. */
  async acknowledge(): Promise<void> {
    const isFirst = this.#lines === 0
    if (this.#acknowledged === this.#position && !isFirst) return
    await this.#data.datasync()
    await writeAll(this.#ends, lineOf(this.#position), this.#lines * lineLength)
    await this.#ends.datasync()
    if (isFirst) await syncDirectory(this.#directory)
    this.#lines++
    this.#acknowledged = this.#position
  }

  async close(): Promise<void> {
    try {
      await this.#data.close()
    } finally {
      await this.#ends.close()
    }
  }
}
