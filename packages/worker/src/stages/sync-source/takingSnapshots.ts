import { scratchFile } from "@sheaf/adapters/blobs/scratch"
import { GuardedFetch, make as makeFetch } from "@sheaf/adapters/fetch/GuardedFetch"
import type { NotionBlock, NotionPage } from "@sheaf/adapters/notion/model"
import type { NotionReader } from "@sheaf/adapters/notion/NotionApi"
import { Sha256 } from "@sheaf/domain/ids"
import { Effect, Option, Stream } from "effect"
import { createHash } from "node:crypto"
import { roleOf } from "../../parsing/notion/blockText.ts"
import { notionMediaType } from "../../parsing/notion/format.ts"
import { snapshotOf } from "../../sources/notion/snapshot.ts"
import { ofBlobs } from "../failures.ts"
import { metadataOf } from "./metadataOf.ts"
import type { Snapshot } from "./snapshot.ts"

/** Types that are named in one result. */
const maxNamed = 20

/** What blocks say besides their text. */
interface Noticed {
  readonly pages: Map<string, string>
  readonly databases: Set<string>
  readonly unsupported: Set<string>
}

const notice = ({ content, id, type }: NotionBlock, { databases, pages, unsupported }: Noticed): void => {
  if (type === "child_page") pages.set(id, typeof content["title"] === "string" ? content["title"] : "")
  else if (type === "child_database") databases.add(id)
  else {
    const role = roleOf(type, content)
    if (role.role === "unknown" && unsupported.size < maxNamed) unsupported.add(role.type.slice(0, 100))
  }
}

/** Reads a page with everything in it, as the file that is stored of it; the file goes with the scope. */
export const takingSnapshots = Effect.gen(function*() {
  const fetch = Option.getOrElse(yield* Effect.serviceOption(GuardedFetch), () => makeFetch({}))

  return Effect.fn("syncSource.takeSnapshot")(function*(reader: NotionReader, page: NotionPage) {
    const noticed: Noticed = { pages: new Map(), databases: new Set(), unsupported: new Set() }
    const blocks: NotionReader["blocks"] = (id) =>
      Stream.tap(reader.blocks(id), (block) => Effect.sync(() => notice(block, noticed)))
    const hash = createHash("sha256")
    let size = 0
    const bytes = snapshotOf({ ...reader, blocks }, page).pipe(
      Stream.provideService(GuardedFetch, fetch),
      Stream.tap((piece) =>
        Effect.sync(() => {
          hash.update(piece)
          size += piece.length
        })
      )
    )
    const path = yield* scratchFile(bytes).pipe(
      Effect.catchTag("BlobStoreError", (error) => Effect.fail(ofBlobs(error)))
    )
    const { databases, pages, unsupported } = noticed
    return {
      path,
      size,
      contentHash: Sha256.make(hash.digest("hex")),
      mediaType: notionMediaType,
      title: page.title,
      metadata: metadataOf(page.properties),
      unsupported: [...unsupported],
      pages: Array.from(pages, ([id, title]) => ({ id, title })),
      databases: [...databases]
    } satisfies Snapshot
  })
})
