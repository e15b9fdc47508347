import type { Part, PartName } from "./Health.ts"

/** Without these an api can do nothing at all. */
const decisive: ReadonlySet<PartName> = new Set(["database", "migrations"])

/**
 * How an api sees its parts: all are looked at, but only the database decides whether it is ready. Every api misses the same blobs, search
 * or embedder at the same time; were they unready for it, a load balancer would take away whatever still works without.
 */
export const forApi = (parts: ReadonlyArray<Part>): ReadonlyArray<Part> =>
  parts.map((part) => decisive.has(part.name) ? part : { ...part, optional: true })
