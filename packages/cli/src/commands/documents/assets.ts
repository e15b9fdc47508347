import type { Asset } from "@sheaf/sdk"
import { Sheaf } from "@sheaf/sdk/effect"
import { Effect, Option, Stream } from "effect"
import { Command, Flag } from "effect/cli"
import * as Fs from "node:fs"
import * as Path from "node:path"
import { Misused } from "../../terminal/failures.ts"
import { Output } from "../../terminal/Output.ts"
import { cut, printable } from "../../terminal/style.ts"
import { remote } from "../handled.ts"
import { given, limit, printList } from "../listing.ts"
import { id } from "./arguments.ts"
import { save } from "./save.ts"

/** Endings of types that many programs go by; a name from the document has its own. */
const endings: Readonly<Record<string, string>> = {
  "image/png": ".png",
  "image/jpeg": ".jpg",
  "image/gif": ".gif",
  "image/webp": ".webp",
  "application/pdf": ".pdf",
  "text/plain": ".txt"
}

/** The beginning of its hash comes first: names are the document's own, and may be the same twice. */
const fileName = ({ hash, mediaType, name }: Asset): string =>
  `${hash.slice(0, 12)}${name === null ? endings[mediaType] ?? ".bin" : `-${name.replace(/[^\p{L}\p{N}._ -]/gu, "_")}`}`

const saveAll = Effect.fnUntraced(function*(documentId: string, assets: ReadonlyArray<Asset>, folder: string) {
  const output = yield* Output
  const sheaf = yield* Sheaf
  yield* Effect.try({
    try: () => Fs.mkdirSync(folder, { recursive: true }),
    catch: (error) => new Misused({ message: `There is no such folder: ${String(error)}`, hint: "Choose another one." })
  })
  const files = yield* Effect.forEach(assets, (asset) =>
    Effect.gen(function*() {
      const file = Path.join(folder, fileName(asset))
      if (!Fs.existsSync(file)) {
        yield* save(yield* sheaf.documents.downloadAsset(documentId, asset.hash), Option.some(file))
      }
      return { ...asset, file }
    }))
  yield* output.result({ items: files, more: false }, () => files.map(({ file }) => file).join("\n"))
})

export const assets = Command.make(
  "assets",
  {
    id,
    segmentId: Flag.String("segment").pipe(
      Flag.withDescription("Only those of what this segment was made from"),
      Flag.optional
    ),
    folder: Flag.String("save").pipe(
      Flag.withDescription("Folder to save them in, all of them; what is there already stays"),
      Flag.optional
    ),
    limit
  },
  remote(Effect.fnUntraced(function*({ folder, id: documentId, limit, segmentId }) {
    const sheaf = yield* Sheaf
    const found = sheaf.documents.everyAsset({ documentId, ...given({ segmentId }) })
    if (Option.isSome(folder)) return yield* saveAll(documentId, yield* Stream.runCollect(found), folder.value)
    yield* printList(found, {
      limit,
      none: "No pictures or files were found in it.",
      columns: {
        hash: ({ hash }) => hash,
        type: ({ mediaType }) => mediaType,
        bytes: ({ size }) => String(size),
        pixels: ({ height, width }) => width === null ? "" : `${width}×${height}`,
        name: ({ name }) => cut(printable(name ?? ""), 60)
      }
    })
  }))
).pipe(
  Command.withDescription("List the pictures and files that were found in a document, or save them"),
  Command.withExamples([
    { command: "sheaf documents assets ID --json" },
    { command: "sheaf documents assets ID --segment SEGMENT --save pictures" }
  ])
)
