import { crc32, deflateRawSync } from "node:zlib"

// For tests: containers as programs write them, and such as none would.

export interface TestEntry {
  readonly name: string
  readonly content: string | Uint8Array
  /** Stored as it is, like the first entry of an EPUB. */
  readonly stored?: boolean
  /** Said to be encrypted. */
  readonly encrypted?: boolean
  /** Inflated size that the directory tells. */
  readonly claims?: number
  /** Where the directory says that it begins, instead of where it does. */
  readonly at?: number
}

/** The bytes of a container with these entries. */
export const zipBytes = (entries: ReadonlyArray<TestEntry>): Uint8Array => {
  const files: Array<Buffer> = []
  const directory: Array<Buffer> = []
  let offset = 0
  for (const entry of entries) {
    const name = Buffer.from(entry.name)
    const content = Buffer.from(entry.content)
    const packed = entry.stored === true ? content : deflateRawSync(content)
    const shared = Buffer.alloc(26)
    shared.writeUInt16LE(20, 0)
    shared.writeUInt16LE(0x800 | (entry.encrypted === true ? 1 : 0), 2)
    shared.writeUInt16LE(entry.stored === true ? 0 : 8, 4)
    shared.writeUInt32LE(crc32(content), 10)
    shared.writeUInt32LE(packed.length, 14)
    shared.writeUInt32LE(entry.claims ?? content.length, 18)
    shared.writeUInt16LE(name.length, 22)
    const local = Buffer.concat([Buffer.from("PK\x03\x04", "latin1"), shared, name, packed])
    const rest = Buffer.alloc(14)
    rest.writeUInt32LE(entry.at ?? offset, 10)
    directory.push(Buffer.from("PK\x01\x02\x14\0", "latin1"), shared, rest, name)
    files.push(local)
    offset += local.length
  }
  const end = Buffer.alloc(22)
  end.write("PK\x05\x06", "latin1")
  end.writeUInt16LE(entries.length, 8)
  end.writeUInt16LE(entries.length, 10)
  end.writeUInt32LE(Buffer.concat(directory).length, 12)
  end.writeUInt32LE(offset, 16)
  return Buffer.concat([...files, ...directory, end])
}

/** The same, from names and contents. */
export const zipOfFiles = (files: Readonly<Record<string, string | Uint8Array>>): Uint8Array =>
  zipBytes(Object.entries(files).map(([name, content]) => ({ name, content })))
