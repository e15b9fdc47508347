import type { Settings } from "@sheaf/adapters/settings"

/** Which parts of an installation are in this process, and which are servers elsewhere. */
export const describeParts = ({ blobs, database, embedder, messaging, search }: Settings): string => {
  const parts = [
    ["database", database._tag === "Embedded"],
    ["queue", messaging._tag === "InProcess"],
    ["blobs", blobs._tag === "Folder"],
    ["search", search._tag === "Pgvector"],
    ["embedder", embedder._tag === "Bundled"]
  ] as const
  const here = parts.flatMap(([name, isHere]) => isHere ? [name] : [])
  const elsewhere = parts.flatMap(([name, isHere]) => isHere ? [] : [name])
  if (elsewhere.length === 0) return `${listed(here)}: all in this process`
  return here.length === 0
    ? `${listed(elsewhere)}: each a server of its own`
    : `${listed(elsewhere)} elsewhere, ${listed(here)} in this process`
}

const listed = (names: ReadonlyArray<string>): string =>
  names.length < 2 ? names.join("") : `${names.slice(0, -1).join(", ")} and ${names.at(-1)}`
