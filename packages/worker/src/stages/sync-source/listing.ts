import type { NotionItem, NotionPage } from "@sheaf/adapters/notion/model"
import type { NotionReader } from "@sheaf/adapters/notion/NotionApi"
import type { Known } from "@sheaf/adapters/repos/syncs/knownItem"
import type { SyncWork } from "@sheaf/adapters/repos/syncs/SyncsRepo"
import { type NewItem, SyncTurnsRepo } from "@sheaf/adapters/repos/syncs/SyncTurnsRepo"
import type { SyncItemId, TenantId } from "@sheaf/domain/ids"
import { isMassRemoval, mustRead, pausedBy } from "@sheaf/domain/syncs/lookAt"
import { membersOf } from "@sheaf/domain/syncs/membersOf"
import { Effect } from "effect"
import type { TryAgain } from "../../pipeline/Stage.ts"
import { ofListing, Stopped } from "./troubles.ts"

/** Pages and databases that a sync compares: they are held in memory meanwhile, some 300 bytes each. */
export const maxListed = 100_000

/** Items read in one statement. */
const page = 1_000

/** What a comparison of everything has shown. */
export interface Compared {
  /** Pages that nobody has followed yet. */
  readonly fresh: ReadonlyArray<NewItem>
  /** Items that have to be read: changed, perhaps changed, or missing. */
  readonly owed: ReadonlyArray<SyncItemId>
  readonly unchanged: number
  readonly paused: number
}

/** Reads what lists say, and writes nothing: broken off anywhere, nothing has happened. */
export const comparing = Effect.gen(function*() {
  const turns = yield* SyncTurnsRepo

  const allKnown = Effect.fnUntraced(function*(tenantId: TenantId, { sourceId }: SyncWork) {
    const all = new Map<string, Known>()
    for (let after: SyncItemId | null = null;;) {
      const some: ReadonlyArray<Known> = yield* turns.known(tenantId, sourceId, after, page)
      for (const known of some) all.set(known.externalId, known)
      if (some.length < page) return all
      after = some.at(-1)!.id
    }
  })

  /** The rows of databases that a listing cannot be trusted with: new ones, and those of which a row is missing from it. */
  const rowsOf = Effect.fnUntraced(function*(
    reader: NotionReader,
    listed: Map<string, NotionItem>,
    databases: ReadonlyArray<NotionItem>,
    known: ReadonlyMap<string, Known>
  ) {
    const children = Map.groupBy(known.values(), ({ parentId }) => parentId)
    for (const { id } of databases) {
      const followed = children.get(id) ?? []
      const isWhole = followed.length > 0 &&
        followed.every(({ externalId, state }) => state === "gone" || listed.has(externalId))
      if (!isWhole) yield* readRows(reader, id, (row) => add(listed, row))
    }
  })

  return Effect.fn("syncSource.compare")(function*(
    tenantId: TenantId,
    work: SyncWork,
    reader: NotionReader
  ): Effect.fn.Return<Compared, Stopped | TryAgain> {
    const listed = new Map<string, NotionItem>()
    for (let cursor: string | undefined;;) {
      const { items, next } = yield* Effect.mapError(reader.list(cursor), ofListing)
      for (const item of items) add(listed, item)
      if (listed.size > maxListed) {
        return yield* new Stopped({ cause: { _tag: "TooManyItems", limit: maxListed } })
      }
      if (next === undefined) break
      cursor = next
    }
    const known = yield* allKnown(tenantId, work)
    const followed = {
      items: new Set(known.keys()),
      databases: new Set([...known.values()].flatMap(({ databases }) => databases))
    }
    const members = () => membersOf(listed, work.selection, followed)
    yield* rowsOf(reader, listed, members().filter(({ kind }) => kind === "database"), known)
    const pages = members().filter(({ kind }) => kind === "page")

    const fresh: Array<NewItem> = []
    const owed: Array<SyncItemId> = []
    let unchanged = 0
    let paused = 0
    const seen = new Set<string>()
    for (const item of pages) {
      seen.add(item.id)
      const before = known.get(item.id)
      if (before === undefined) fresh.push(toNew(item))
      else if (pausedBy(before) !== null) paused++
      else if (mustRead(before, item.editedAt)) owed.push(before.id)
      else unchanged++
    }
    const there = [...known.values()].filter((item) => item.state !== "gone" && pausedBy(item) === null)
    const missing = there.filter(({ externalId }) => !seen.has(externalId))
    if (!work.confirmed && isMassRemoval(there.length, missing.length, work.maxMissing)) {
      const counts = { missing: missing.length, items: there.length }
      return yield* new Stopped({ cause: { _tag: "MassRemoval", ...counts } })
    }
    paused += [...known.values()].filter((item) => !seen.has(item.externalId) && pausedBy(item) !== null).length
    return { fresh, owed: [...owed, ...missing.map(({ id }) => id)], unchanged, paused }
  })
})

/** Reads the rows of a database to their end. */
export const readRows = Effect.fnUntraced(
  function*(reader: NotionReader, databaseId: string, each: (row: NotionPage) => void) {
    for (let cursor: string | undefined;;) {
      const { items, next } = yield* Effect.mapError(reader.rows(databaseId, cursor), ofListing)
      for (const row of items) each(row)
      if (next === undefined) return
      cursor = next
    }
  }
)

/** What lies in the trash is not there; of what is listed twice the later edit holds. */
const add = (listed: Map<string, NotionItem>, item: NotionItem): void => {
  if (item.trashed) return
  const before = listed.get(item.id)
  if (before === undefined || before.editedAt <= item.editedAt) listed.set(item.id, item)
}

export const toNew = ({ id, parent, title, url }: NotionItem): NewItem => ({
  externalId: id,
  parentId: parent.kind === "page" || parent.kind === "database" ? parent.id : null,
  title,
  url
})
