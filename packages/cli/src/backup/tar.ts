import { constants, createGzip } from "node:zlib"
import * as Fs from "node:fs"
import * as Path from "node:path"
import { Readable } from "node:stream"

// The little of tar (POSIX ustar) that a backup needs: plain files and folders, no links, names of up to 255 bytes.

const blockSize = 512

const octal = (value: number, width: number): string => `${value.toString(8).padStart(width - 1, "0")}\0`

/** Names longer than 100 bytes are cut at a slash into two fields. */
const nameFields = (name: string): readonly [name: string, prefix: string] => {
  if (Buffer.byteLength(name) <= 100) return [name, ""]
  for (let slash = name.indexOf("/"); slash >= 0; slash = name.indexOf("/", slash + 1)) {
    const [prefix, rest] = [name.slice(0, slash), name.slice(slash + 1)]
    if (Buffer.byteLength(prefix) <= 155 && Buffer.byteLength(rest) <= 100 && rest !== "") return [rest, prefix]
  }
  throw new Error(`the name ${name} is too long for an archive`)
}

const header = (path: string, about: Fs.Stats): Buffer => {
  const folder = about.isDirectory()
  const [name, prefix] = nameFields(folder ? `${path}/` : path)
  const block = Buffer.alloc(blockSize)
  block.write(name, 0)
  block.write(octal(folder ? 0o700 : 0o600, 8), 100)
  block.write(octal(0, 8), 108)
  block.write(octal(0, 8), 116)
  // Beyond 8 GB the size does not fit into octal digits; the base-256 form is what every tar reads.
  if (about.size < 0o77777777777 || folder) block.write(octal(folder ? 0 : about.size, 12), 124)
  else {
    block[124] = 0x80
    block.writeBigUInt64BE(BigInt(about.size), 128)
  }
  block.write(octal(Math.floor(about.mtimeMs / 1_000), 12), 136)
  block.write("        ", 148)
  block.write(folder ? "5" : "0", 156)
  block.write("ustar\u000000", 257)
  block.write(prefix, 345)
  block.write(`${octal(block.reduce((sum, byte) => sum + byte, 0), 7)} `, 148)
  return block
}

async function* entries(root: string, names: ReadonlyArray<string>): AsyncGenerator<Buffer> {
  const pending = names.toReversed()
  for (let path = pending.pop(); path !== undefined; path = pending.pop()) {
    const full = Path.join(root, path)
    const about = Fs.statSync(full)
    if (about.isDirectory()) {
      yield header(path, about)
      pending.push(...Fs.readdirSync(full).sort().toReversed().map((name) => `${path}/${name}`))
    } else if (about.isFile()) {
      yield header(path, about)
      let size = 0
      for await (const chunk of Fs.createReadStream(full)) {
        size += chunk.length
        yield chunk
      }
      if (size !== about.size) throw new Error(`${path} changed while it was copied`)
      yield Buffer.alloc((blockSize - size % blockSize) % blockSize)
    }
  }
  yield Buffer.alloc(2 * blockSize)
}

/** A gzipped archive of the named files and folders of `root`. Fails if one of them changes meanwhile. */
export const archive = (root: string, names: ReadonlyArray<string>): NodeJS.ReadableStream => {
  const packed = createGzip({ level: constants.Z_BEST_SPEED })
  const plain = Readable.from(entries(root, names), { objectMode: false })
  plain.on("error", (error) => packed.destroy(error))
  return plain.pipe(packed)
}
