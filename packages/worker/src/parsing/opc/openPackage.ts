import { ParseFailure } from "../Parser.ts"
import { childrenOf, type XmlElement, xmlTree } from "../xml/tree.ts"
import { openZip, type Zip } from "../zip/openZip.ts"
import { partName } from "./partName.ts"

/** How a part refers to another, or to something outside; what is outside is named and never opened. */
export interface Relationship {
  /** The last word of its type: `image`, `hyperlink`, `footnotes`. */
  readonly kind: string
  /** A part of the package; for what is outside, the address as written. */
  readonly target: string
  readonly external: boolean
}

/** Parts under names without a leading `/`; upper and lower case are the same (ISO/IEC 29500-2, 6.2.2.3). */
export interface Package {
  /** The part that the document begins with. */
  readonly main: string
  /** The content type of a part, by its name or its extension; empty where the package tells none. */
  readonly typeOf: (part: string) => string
  readonly has: (part: string) => boolean
  readonly stream: (part: string) => AsyncGenerator<Uint8Array>
  readonly read: (part: string, maxBytes?: number) => Promise<Uint8Array>
  /** A short part as a tree; null where there is none. */
  readonly tree: (part: string | undefined) => Promise<XmlElement | null>
  /** What a part refers to, by the names that it uses. */
  readonly relationships: (part: string) => Promise<ReadonlyMap<string, Relationship>>
  readonly close: () => void
}

/** Bytes of a part that is read as one tree. */
const maxTreeBytes = 48 * 1_024 * 1_024

/** A file of office programs: parts in a container, with types, and how they refer to each other (Open Packaging Conventions). */
export const openPackage = async (path: string): Promise<Package> => {
  const zip = await openZip(path)
  try {
    return await packageOf(zip)
  } catch (error) {
    zip.close()
    throw error
  }
}

/** The same over a container that is open already; closing the package closes it. */
export const packageOf = async (zip: Zip): Promise<Package> => {
  const entries = new Map(zip.names.map((name) => [name.toLowerCase(), name]))
  const entryOf = (part: string) => entries.get(part.toLowerCase()) ?? part
  const has = (part: string) => zip.has(entryOf(part))
  const stream = (part: string) => zip.stream(entryOf(part))
  const read = (part: string, maxBytes?: number) => zip.read(entryOf(part), maxBytes)
  const tree = async (part: string | undefined) => {
    if (part === undefined || !has(part)) return null
    const bytes = await read(part, maxTreeBytes)
    return xmlTree((async function*() {
      yield bytes
    })())
  }
  const types = typesOf(await tree("[Content_Types].xml"))
  const relationships = async (part: string) => {
    const at = part.lastIndexOf("/") + 1
    return relationshipsOf(await tree(`${part.slice(0, at)}_rels/${part.slice(at)}.rels`), part)
  }
  const main =
    [...(await relationships("")).values()].find(({ kind, external }) => kind === "officeDocument" && !external)
      ?.target ?? types.main
  if (main === undefined || !has(main)) {
    throw new ParseFailure({ _tag: "Corrupt", detail: "it does not say where the document begins" })
  }
  return { main, typeOf: types.of, has, stream, read, tree, relationships, close: () => zip.close() }
}

const typesOf = (root: XmlElement | null) => {
  const parts = new Map<string, string>()
  const extensions = new Map<string, string>()
  for (const { attributes } of childrenOf(root ?? undefined, "ct:Override")) {
    parts.set(partName(attributes.PartName ?? "", "").toLowerCase(), attributes.ContentType ?? "")
  }
  for (const { attributes } of childrenOf(root ?? undefined, "ct:Default")) {
    extensions.set((attributes.Extension ?? "").toLowerCase(), attributes.ContentType ?? "")
  }
  return {
    main: [...parts].find(([, type]) => type.endsWith(".main+xml"))?.[0],
    of: (part: string): string =>
      parts.get(part.toLowerCase()) ?? extensions.get(part.slice(part.lastIndexOf(".") + 1).toLowerCase()) ?? ""
  }
}

const relationshipsOf = (root: XmlElement | null, source: string): ReadonlyMap<string, Relationship> =>
  new Map(
    childrenOf(root ?? undefined, "rel:Relationship").map(({ attributes }) => {
      const external = attributes.TargetMode === "External"
      const target = attributes.Target ?? ""
      return [attributes.Id ?? "", {
        kind: (attributes.Type ?? "").split("/").at(-1)!,
        target: external ? target : partName(target, source),
        external
      }]
    })
  )
