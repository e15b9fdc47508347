import { open } from "node:fs/promises"

/** Names of streams that tell old office files apart. */
const streams: ReadonlyMap<string, string> = new Map([
  ["EncryptedPackage", "application/encrypted-office-document"],
  ["WordDocument", "application/msword"],
  ["Workbook", "application/vnd.ms-excel"],
  ["WORKBOOK", "application/vnd.ms-excel"],
  ["Book", "application/vnd.ms-excel"],
  ["PowerPoint Document", "application/vnd.ms-powerpoint"],
  ["VisioDocument", "application/vnd.visio"],
  ["__properties_version1.0", "application/vnd.ms-outlook"]
])

/** Sectors of the directory that are read: four names in each of the smaller kind, and what we look for stands at the top. */
const maxSectors = 256
const endOfChain = 0xffff_fffa

/**
 * Old office files are all one container, the compound file ([MS-CFB]); the names in its directory tell them apart. The directory may
 * stand anywhere, in pieces: the allocation table says where it goes on.
 */
export const compoundType = async (path: string): Promise<string> => {
  const file = await open(path, "r")
  try {
    const read = async (length: number, position: number): Promise<Buffer> => {
      const buffer = Buffer.alloc(length)
      const { bytesRead } = await file.read(buffer, 0, length, position)
      return buffer.subarray(0, bytesRead)
    }
    const header = await read(512, 0)
    if (header.length < 512) return "application/x-cfb"
    const shift = header.readUInt16LE(30) === 12 ? 12 : 9
    const next = async (sector: number): Promise<number> => {
      const perTable = 1 << (shift - 2)
      const table = Math.floor(sector / perTable)
      // The header lists 109 tables; a directory that lies behind what they cover (7 MB or more) is not followed.
      if (table >= 109) return endOfChain
      const at = ((header.readUInt32LE(76 + 4 * table) + 1) << shift) + 4 * (sector % perTable)
      const entry = at > 0 ? await read(4, at) : Buffer.alloc(0)
      return entry.length === 4 ? entry.readUInt32LE(0) : endOfChain
    }
    let sector = header.readUInt32LE(48)
    for (let count = 0; sector < endOfChain && count < maxSectors; count++) {
      const directory = await read(1 << shift, (sector + 1) * (1 << shift))
      const found = typeIn(directory)
      if (found !== undefined) return found
      sector = await next(sector)
    }
    return "application/x-cfb"
  } finally {
    await file.close()
  }
}

/** Entries are 128 bytes long: a name of up to 31 letters, and at 64 how many bytes of it count. */
const typeIn = (directory: Buffer): string | undefined => {
  for (let at = 0; at + 128 <= directory.length; at += 128) {
    const length = Math.min(directory.readUInt16LE(at + 64), 64)
    const name = directory.toString("utf16le", at, at + Math.max(0, (length & ~1) - 2))
    const type = streams.get(name)
    if (type !== undefined) return type
  }
  return undefined
}
