import type { Element } from "@sheaf/domain/documents/Element"
import { Sha256 } from "@sheaf/domain/ids"
import { ParserJail } from "@sheaf/worker/parsing/jail/ParserJail"
import { Effect, Layer, Stream } from "effect"
import { createHash } from "node:crypto"
import { readFileSync } from "node:fs"

/** A PNG of one colour's name: what says how large a picture is stands in its first bytes, and nobody draws it. */
export const picture = (name: string, width = 40, height = 30): Buffer => {
  const head = Buffer.alloc(24)
  head.write("\x89PNG\r\n\x1a\n", "latin1")
  head.write("IHDR", 12, "latin1")
  head.writeUInt32BE(width, 16)
  head.writeUInt32BE(height, 20)
  return Buffer.concat([head, Buffer.from(name)])
}

export const hashOf = (bytes: Uint8Array) => Sha256.make(createHash("sha256").update(bytes).digest("hex"))

/**
 * A format for tests: each line is a paragraph, but `picture NAME`, which is a picture, `bare NAME`, which is one without a word, and
 * `file NAME TYPE TEXT`, which is an attached file.
 */
const found = (line: string): ReadonlyArray<{ name: string; mediaType: string; bytes: Buffer }> => {
  const [kind, name = "", third, fourth = ""] = line.split(" ")
  if (kind === "file") return [{ name, mediaType: third ?? "", bytes: Buffer.from(fourth) }]
  if (kind !== "picture" && kind !== "bare") return []
  return [{ name: `${name}.png`, mediaType: "image/png", bytes: picture(name) }]
}

/** Parses that format, in this process. */
export const layer = Layer.succeed(
  ParserJail,
  ParserJail.of({
    inspect: () => Effect.succeed({ mediaType: "text/x-picture-book", pages: 0 }),
    rows: () => Stream.empty,
    parse: ({ path }, _range, { onAsset = () => Effect.void } = {}) =>
      Stream.suspend(() => Stream.fromIterable(readFileSync(path, "utf8").split("\n").filter((line) => line !== "")))
        .pipe(
          Stream.mapEffect(Effect.fnUntraced(function*(line) {
            const assets = found(line)
            for (const { bytes, mediaType, name } of assets) {
              yield* onAsset({ hash: hashOf(bytes), mediaType, name, bytes })
            }
            const text = line.startsWith("bare") ? "" : `About ${line.slice(0, 200)}.`
            const element: Element = { kind: "paragraph", text, boxes: [] }
            const role = line.startsWith("file") ? "attachment" as const : "image" as const
            return assets.length === 0
              ? element
              : { ...element, assets: assets.map(({ bytes }) => ({ hash: hashOf(bytes), role })) }
          }))
        )
  })
)
