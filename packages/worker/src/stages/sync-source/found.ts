import type { NotionError } from "@sheaf/adapters/notion/errors"
import type { NotionReader } from "@sheaf/adapters/notion/NotionApi"
import type { Known } from "@sheaf/adapters/repos/syncs/knownItem"
import type { SyncWork } from "@sheaf/adapters/repos/syncs/SyncsRepo"
import type { NewItem } from "@sheaf/adapters/repos/syncs/SyncTurnsRepo"
import { Effect } from "effect"
import { toNew } from "./listing.ts"
import type { Snapshot } from "./snapshot.ts"

/** Rows of databases that one page may bring with it. */
const maxRows = 10_000

/** A database that cannot be seen brings nothing. */
const seen = <A>(effect: Effect.Effect<ReadonlyArray<A>, NotionError>): Effect.Effect<ReadonlyArray<A>, NotionError> =>
  Effect.catchTags(effect, {
    NotionNotFound: () => Effect.succeed([]),
    NotionRestricted: () => Effect.succeed([])
  })

/**
 * What lies in a page and is to be followed with it. A listing says of pages and databases that they lie in some block, and not in which page:
 * whoever reads the page finds them. Databases that were found before are listed with everything else.
 */
export const found = Effect.fnUntraced(function*(
  reader: NotionReader,
  { selection }: SyncWork,
  { databases, externalId }: Known,
  snapshot: Snapshot
): Effect.fn.Return<ReadonlyArray<NewItem>, NotionError> {
  // The listing has all there is.
  if (selection === "all") return []
  const rows: Array<NewItem> = []
  for (const databaseId of snapshot.databases) {
    if (databases.includes(databaseId)) continue
    for (const source of yield* seen(reader.sources(databaseId))) {
      for (let cursor: string | undefined; rows.length < maxRows;) {
        const { items, next } = yield* reader.rows(source.id, cursor)
        for (const row of items) rows.push({ ...toNew(row), parentId: source.id })
        if (next === undefined) break
        cursor = next
      }
    }
  }
  const pages = snapshot.pages.map(({ id, title }) => ({ externalId: id, parentId: externalId, title, url: null }))
  return [...pages, ...rows]
})
