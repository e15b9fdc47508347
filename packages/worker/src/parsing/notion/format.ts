import { isRecord, type Json } from "../json/lines.ts"

/**
 * A page of Notion as a file: one value of JSON a line. The first says what it is and holds the page's title and values; blocks follow in
 * document order with their depth. The bytes of a file stand before the block that shows it, in pieces. The same page gives the same bytes:
 * nothing in it says when it was read, or where bytes were to be had at that time.
 */
export const notionMediaType = "application/vnd.sheaf.notion+ndjson"

/** How the file begins: by this it is known. */
export const notionHead = `{"sheaf":"notion/1"`

/** Characters of base64 in one line; the rest follows in the next. A multiple of four. */
export const maxPiece = 4 * 1_024 * 1_024

export type JsonObject = { readonly [key: string]: Json }

export interface PropertyLine {
  readonly name: string
  readonly type: string
  readonly value: Json
}

export type Line =
  | {
    readonly kind: "page"
    readonly title: string
    readonly properties: ReadonlyArray<PropertyLine>
  }
  | {
    readonly kind: "block"
    readonly depth: number
    readonly type: string
    readonly content: JsonObject
    /** The hash of the file that it shows. */
    readonly asset?: string
    readonly missing?: string
  }
  /** A piece of a file's bytes; `more`: the next line goes on with it. */
  | {
    readonly kind: "asset"
    readonly hash: string
    readonly mediaType: string
    readonly name?: string
    readonly data: string
    readonly more: boolean
  }
  | { readonly kind: "warning"; readonly detail: string }

const sorted = (value: Json): Json => {
  if (Array.isArray(value)) return value.map(sorted)
  if (!isRecord(value)) return value
  return Object.fromEntries(Object.keys(value).toSorted().map((key) => [key, sorted(value[key]!)]))
}

/** A line without its end. Keys are in order, whatever order Notion gave them in. */
export const writeLine = (line: Line): string => {
  switch (line.kind) {
    case "page":
      return `${notionHead},"title":${JSON.stringify(line.title)},"properties":${
        JSON.stringify(sorted(line.properties.map((property): Json => ({ ...property }))))
      }}`
    case "block": {
      const { asset, content, depth, missing, type } = line
      const more = { ...(asset !== undefined && { asset }), ...(missing !== undefined && { missing }) }
      return JSON.stringify({ depth, type, ...more, content: sorted(content) })
    }
    case "asset": {
      const { data, hash, mediaType, more, name } = line
      return JSON.stringify({
        asset: hash,
        mediaType,
        ...(name !== undefined && { name }),
        ...(more && { more }),
        data
      })
    }
    case "warning":
      return JSON.stringify({ warning: line.detail })
  }
}

const text = (value: Json | undefined): string => typeof value === "string" ? value : ""

/** What a line says; undefined for one that is none of ours. Whatever is missing in it is empty. */
export const readLine = (value: Json | undefined): Line | undefined => {
  if (!isRecord(value ?? null)) return undefined
  const line = value as JsonObject
  if (line["sheaf"] !== undefined) {
    const properties = Array.isArray(line["properties"]) ? line["properties"] : []
    return {
      kind: "page",
      title: text(line["title"]),
      properties: properties.filter(isRecord).map((one) => ({
        name: text(one["name"]),
        type: text(one["type"]),
        value: one["value"] ?? null
      }))
    }
  }
  if (typeof line["warning"] === "string") return { kind: "warning", detail: line["warning"].slice(0, 1_000) }
  if (typeof line["data"] === "string") {
    const { asset, data, mediaType, more, name } = line
    return {
      kind: "asset",
      hash: text(asset),
      mediaType: text(mediaType),
      ...(typeof name === "string" && { name }),
      data,
      more: more === true
    }
  }
  const { asset, content = null, depth, missing, type } = line
  if (typeof type !== "string" || typeof depth !== "number") return undefined
  return {
    kind: "block",
    depth: Math.max(0, Math.min(1_000, Math.trunc(depth))),
    type,
    content: isRecord(content) ? content : {},
    ...(typeof asset === "string" && { asset }),
    ...(typeof missing === "string" && { missing })
  }
}
