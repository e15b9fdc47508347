import { open } from "node:fs/promises"

export interface FileEnds {
  readonly size: number
  readonly head: Uint8Array
  readonly tail: Uint8Array
}

/** The first and last bytes of a file; enough to know most formats. */
export const readEnds = async (path: string, length = 65_536): Promise<FileEnds> => {
  const file = await open(path, "r")
  try {
    const { size } = await file.stat()
    const read = async (position: number, wanted: number): Promise<Uint8Array> => {
      const buffer = new Uint8Array(wanted)
      const { bytesRead } = await file.read(buffer, 0, wanted, position)
      return buffer.subarray(0, bytesRead)
    }
    const head = await read(0, Math.min(length, size))
    const tail = size > length ? await read(Math.max(0, size - 2_048), Math.min(2_048, size)) : head.slice(-2_048)
    return { size, head, tail }
  } finally {
    await file.close()
  }
}
