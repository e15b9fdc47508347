import iconv from "iconv-lite"
import { SaxesParser } from "saxes"
import { ParseFailure } from "../Parser.ts"
import { Names } from "./names.ts"

/** Who hears what is in a file, in its order. Names carry their usual prefixes (`names.ts`). */
export interface XmlReader {
  readonly open: (name: string, attributes: Readonly<Record<string, string>>) => void
  readonly text: (text: string) => void
  readonly close: (name: string) => void
}

export interface XmlLimits {
  /** Elements within elements. */
  readonly depth: number
  /** Characters of one piece of text, attribute, comment or declaration. */
  readonly pieceLength: number
}

export const xmlLimits: XmlLimits = { depth: 512, pieceLength: 16 * 1_024 * 1_024 }

/**
 * Reads a file of XML as its bytes come, and gives a turn to its caller after each piece: whoever collects in `reader` hands out then.
 * Nothing outside of the file is ever opened, and no entity but the five of XML is known. Throws `Corrupt` for what is not XML, for a
 * file that defines entities or goes too deep, `TooLarge` for endless text.
 */
export const feedXml = async function*(
  bytes: AsyncIterable<Uint8Array>,
  reader: XmlReader,
  limits: XmlLimits = xmlLimits
): AsyncGenerator<void> {
  const feed = xmlParser(reader, limits)
  let decoder: { readonly write: (bytes: Buffer) => string; readonly end: () => string | undefined } | undefined
  for await (const chunk of bytes) {
    const buffer = Buffer.from(chunk.buffer, chunk.byteOffset, chunk.length)
    decoder ??= iconv.getDecoder(encodingOf(buffer))
    feed.write(decoder.write(buffer))
    yield
  }
  feed.write(decoder?.end() ?? "")
  feed.end()
  yield
}

/** Reads a file of XML to its end. */
export const readXml = async (
  bytes: AsyncIterable<Uint8Array>,
  reader: XmlReader,
  limits: XmlLimits = xmlLimits
): Promise<void> => {
  for await (const _ of feedXml(bytes, reader, limits)) continue
}

const xmlParser = (reader: XmlReader, limits: XmlLimits) => {
  const parser = new SaxesParser<{ xmlns: false; position: false }>({ xmlns: false, position: false })
  const names = new Names()
  const open: Array<string> = []
  let pending = 0
  parser.on("opentag", ({ attributes, name }) => {
    pending = 0
    if (open.length >= limits.depth) throw corrupt("its elements are nested too deep")
    names.open(attributes)
    const full = names.element(name)
    open.push(full)
    reader.open(full, renamed(attributes, names))
  })
  parser.on("closetag", () => {
    pending = 0
    names.close()
    reader.close(open.pop()!)
  })
  const text = (text: string) => {
    pending = 0
    reader.text(text)
  }
  parser.on("text", text)
  parser.on("cdata", text)
  parser.on("comment", () => {
    pending = 0
  })
  parser.on("doctype", (doctype) => {
    pending = 0
    if (/<!\s*ENTITY/.test(doctype)) throw corrupt("it defines entities of its own")
  })
  parser.on("error", (error) => {
    throw corrupt(`its XML is not well formed: ${error.message.slice(0, 160)}`)
  })
  return {
    write: (text: string) => {
      pending += text.length
      parser.write(text)
      if (pending > limits.pieceLength) {
        throw new ParseFailure({
          _tag: "TooLarge",
          what: "characters in one piece of XML",
          limit: limits.pieceLength,
          actual: pending
        })
      }
    },
    end: () => void parser.close()
  }
}

/** Most elements have no attribute with a prefix: those stay as they are. */
const renamed = (
  attributes: Readonly<Record<string, string>>,
  names: Names
): Readonly<Record<string, string>> => {
  let prefixed = false
  for (const name in attributes) {
    if (name.includes(":")) prefixed = true
  }
  if (!prefixed) return attributes
  const result: Record<string, string> = {}
  for (const name in attributes) {
    if (!name.startsWith("xmlns:")) result[names.attribute(name)] = attributes[name]!
  }
  return result
}

const corrupt = (detail: string) => new ParseFailure({ _tag: "Corrupt", detail })

/** By the mark of byte order, else by the first line, which says it in ASCII. */
const encodingOf = (start: Buffer): string => {
  if (start[0] === 0xff && start[1] === 0xfe || start[0] === 0x3c && start[1] === 0) return "utf-16le"
  if (start[0] === 0xfe && start[1] === 0xff || start[0] === 0 && start[1] === 0x3c) return "utf-16be"
  const line = start.subarray(0, 200).toString("latin1")
  const declared = /^(?:\u00ef\u00bb\u00bf)?<\?xml\b[^>]*?encoding\s*=\s*["']([\w.:-]{1,40})/.exec(line)?.[1] ?? "utf-8"
  return iconv.encodingExists(declared) && !/^utf-?16|^ucs/i.test(declared) ? declared : "utf-8"
}
