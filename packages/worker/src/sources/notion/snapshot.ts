import type { GuardedFetch } from "@sheaf/adapters/fetch/GuardedFetch"
import type { NotionError } from "@sheaf/adapters/notion/errors"
import type { NotionBlock, NotionPage } from "@sheaf/adapters/notion/model"
import type { NotionReader } from "@sheaf/adapters/notion/NotionApi"
import { Effect, Stream } from "effect"
import { type Line, maxPiece, writeLine } from "../../parsing/notion/format.ts"
import { fetchHosted, type HostedFile, hostedUrl, nameOf } from "./hostedFile.ts"
import { steadyContent, steadyValue, unsteadyTypes } from "./steady.ts"

/** Bytes of all files of one page. */
const maxFiles = 128 * 1_024 * 1_024

/** Files of the page so far. */
interface Gathered {
  readonly hashes: Set<string>
  bytes: number
}

/**
 * A page with all its blocks, values and files as one file of the media type `notionMediaType`, for the parser in `parsing/notion`. Read as it is
 * taken: memory is bounded by the largest file of the page. As long as nobody edits the page it has the same bytes, so that its hash tells
 * whether anything has changed. A file that cannot be had is a warning in it. Fails where the blocks cannot be read to their end.
 */
export const snapshotOf = (
  reader: NotionReader,
  page: NotionPage
): Stream.Stream<Uint8Array, NotionError, GuardedFetch> =>
  Stream.suspend(() => {
    const gathered: Gathered = { hashes: new Set(), bytes: 0 }
    return Stream.make(pageLine(page)).pipe(
      Stream.concat(Stream.flatMap(
        reader.blocks(page.id),
        (block) => Stream.unwrap(Effect.map(linesOf(block, gathered), (lines) => Stream.fromIterable(lines)))
      )),
      Stream.map((line) => Buffer.from(`${writeLine(line)}\n`))
    )
  })

const pageLine = ({ properties, title }: NotionPage): Line => ({
  kind: "page",
  title,
  properties: properties
    .filter(({ type }) => type !== "title" && !unsteadyTypes.has(type))
    .map(({ name, type, value }) => ({ name, type, value: steadyValue(value) }))
    .toSorted((a, b) => a.name < b.name ? -1 : 1)
})

/** A block, and before it the file that it shows. */
const linesOf = Effect.fnUntraced(function*({ content, depth, missing, type }: NotionBlock, gathered: Gathered) {
  const url = hostedUrl(type, content)
  const block: Line = {
    kind: "block",
    depth,
    type,
    content: steadyContent(content),
    ...(missing !== undefined && { missing })
  }
  if (url === undefined) return [block]
  const name = nameOf(url, content) ?? "a file"
  if (gathered.bytes >= maxFiles) return [leftOut(name, "the page has too many bytes of files"), block]
  const outcome = yield* fetchHosted(url, content)
  if (outcome._tag === "Missing") return [leftOut(name, outcome.why), block]
  const { file } = outcome
  const shown: Line = { ...block, asset: file.hash }
  if (gathered.hashes.has(file.hash)) return [shown]
  gathered.hashes.add(file.hash)
  gathered.bytes += file.bytes.length
  return [...piecesOf(file), shown]
})

const leftOut = (name: string, why: string): Line => ({ kind: "warning", detail: `${name} was left out: ${why}` })

const piecesOf = function*({ bytes, hash, mediaType, name }: HostedFile): Generator<Line> {
  const size = maxPiece / 4 * 3
  for (let from = 0; from < bytes.length; from += size) {
    const data = Buffer.from(bytes.subarray(from, from + size)).toString("base64")
    yield {
      kind: "asset",
      hash,
      mediaType,
      ...(name !== undefined && { name }),
      data,
      more: from + size < bytes.length
    }
  }
}
