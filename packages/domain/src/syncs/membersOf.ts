import type { SyncSelection } from "./Source.ts"
import { canonical } from "./Source.ts"

/** Something that a listing names. */
export interface Listed {
  readonly id: string
  readonly kind: "page" | "database"
  /** Of a source of a database: the database itself. */
  readonly databaseId: string | null
  readonly parent: { readonly kind: string; readonly id: string | null }
}

/** What is followed already. */
export interface Followed {
  /** Pages. */
  readonly items: ReadonlySet<string>
  /** Databases that were found in them, by their own ids. */
  readonly databases: ReadonlySet<string>
}

/**
 * What of a listing belongs to a selection: what was chosen, what lies in it at any depth, and what was followed before. What lies in a block
 * is found when the page is read that holds the block.
 */
export const membersOf = <A extends Listed>(
  listed: ReadonlyMap<string, A>,
  selection: SyncSelection,
  followed: Followed
): ReadonlyArray<A> => {
  if (selection === "all") return [...listed.values()]
  const roots = new Set(selection.map(canonical))
  const known = new Map<string, boolean>()
  const ofItself = ({ databaseId, id, kind }: A) =>
    roots.has(id) || databaseId !== null && (roots.has(databaseId) || followed.databases.has(databaseId)) ||
    kind === "page" && followed.items.has(id)
  const isMember = (first: A): boolean => {
    // Walked, not recursed: pages may lie in each other as deep as they like, and a listing that changes meanwhile may have a circle.
    const way = new Set<string>()
    let found = false
    for (let at: A | undefined = first; at !== undefined && !way.has(at.id);) {
      way.add(at.id)
      const seen = known.get(at.id)
      if (seen !== undefined || ofItself(at)) {
        found = seen ?? true
        break
      }
      const { id, kind }: Listed["parent"] = at.parent
      if (id === null || kind !== "page" && kind !== "database") break
      // What it lies in may be chosen or followed, and not be listed itself.
      if (roots.has(id) || kind === "page" && followed.items.has(id)) {
        found = true
        break
      }
      at = listed.get(id)
    }
    for (const id of way) known.set(id, found)
    return found
  }
  return [...listed.values()].filter(isMember)
}
