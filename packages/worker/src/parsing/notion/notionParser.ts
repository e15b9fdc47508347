import type { AssetRef } from "@sheaf/domain/documents/Element"
import type { Sha256 } from "@sheaf/domain/ids"
import { streamText } from "../detect/readText.ts"
import * as JsonLines from "../json/jsonLines.ts"
import { type FoundAsset, ParseFailure, type ParseOutput, type Parser } from "../Parser.ts"
import { Elements } from "./Elements.ts"
import { type Line, readLine } from "./format.ts"
import { propertyLines } from "./properties.ts"

/** Characters of base64 of one file. */
const maxAsset = 64 * 1_024 * 1_024

/** Types that are named in one warning. */
const maxNamed = 20

/** A page of Notion, as `format.ts` has it. */
export const notionParser: Parser = {
  inspect: async ({ mediaType }) => ({ mediaType, pages: 0 }),
  parse: async function*({ path }, _range, output) {
    const elements = new Elements()
    const assets = new Assets(output)
    let isFirst = true
    for await (const text of JsonLines.linesOfText(streamText(path))) {
      if (text.trim() === "") continue
      const line = readLine(JsonLines.readLine(text))
      if (isFirst !== (line?.kind === "page") || line === undefined) {
        throw new ParseFailure({ _tag: "Corrupt", detail: "a line of it is not of a page of Notion" })
      }
      isFirst = false
      switch (line.kind) {
        case "page":
          yield* head(line, output)
          break
        case "block":
          yield* elements.add(line, assets.of(line))
          break
        case "asset":
          await assets.add(line)
          break
        case "warning":
          output.warn({ page: null, detail: line.detail })
      }
    }
    yield* elements.end()
    report(elements, output)
  }
}

const head = function*({ properties, title }: Extract<Line, { readonly kind: "page" }>, { warn }: ParseOutput) {
  if (title.trim() !== "") yield { kind: "title" as const, level: 1, text: title, boxes: [] }
  const { lines, unknown } = propertyLines(properties)
  if (lines.length > 0) yield { kind: "list" as const, text: lines.join("\n"), boxes: [] }
  if (unknown.size > 0) warn({ page: null, detail: `values of types that are not known: ${names(unknown.keys())}` })
}

const names = (all: Iterable<string>): string =>
  Array.from(all, (name) => name.slice(0, 100)).slice(0, maxNamed).join(", ")

const report = ({ missing, unknown }: Elements, { warn }: ParseOutput): void => {
  if (unknown.size > 0) warn({ page: null, detail: `blocks that cannot be read: ${names(unknown.keys())}` })
  const gone = missing.get("source") ?? 0
  if (gone > 0) {
    warn({
      page: null,
      detail: `${gone} copies of synced blocks are empty: what they copy is gone, or not shared with the integration`
    })
  }
  const cycles = missing.get("cycle") ?? 0
  if (cycles > 0) warn({ page: null, detail: `${cycles} synced blocks are within themselves: they were read once` })
}

/** Files of the page, put together and handed out as they come. */
class Assets {
  readonly #output: ParseOutput
  readonly #known = new Map<string, Sha256>()
  #pieces: Array<string> = []
  #length = 0

  constructor(output: ParseOutput) {
    this.#output = output
  }

  async add({ data, hash, mediaType, more, name }: Extract<Line, { readonly kind: "asset" }>): Promise<void> {
    this.#pieces.push(data)
    this.#length += data.length
    if (this.#length > maxAsset) {
      throw new ParseFailure({ _tag: "TooLarge", what: "bytes in one file", limit: maxAsset, actual: this.#length })
    }
    if (more) return
    const found: FoundAsset = { bytes: Buffer.from(this.#pieces.join(""), "base64"), mediaType, name }
    this.#pieces = []
    this.#length = 0
    if (found.bytes.length > 0) this.#known.set(hash, await this.#output.asset(found))
  }

  /** What a block shows. */
  of({ asset, type }: Extract<Line, { readonly kind: "block" }>): AssetRef | undefined {
    const hash = asset === undefined ? undefined : this.#known.get(asset)
    return hash === undefined ? undefined : { hash, role: type === "image" ? "image" : "attachment" }
  }
}
