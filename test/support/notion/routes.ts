import {
  blockShape,
  botShape,
  databaseShape,
  errorShape,
  pageShape,
  type Signer,
  sourceShape,
  timeText
} from "./shapes.ts"
import type { Json, Page, Source, Workspace } from "./Workspace.ts"

export interface Request {
  readonly method: string
  /** Below `/v1/`. */
  readonly path: string
  readonly query: Readonly<Record<string, string>>
  /** Which one of the workspace asks. */
  readonly integration?: string | undefined
  readonly body: Readonly<Record<string, unknown>>
}

export interface Answer {
  readonly status: number
  readonly headers?: Readonly<Record<string, string>>
  readonly body: Json
}

const refused = (status: number, code: string, message: string): Answer => ({
  status,
  body: errorShape(status, code, message)
})

const missing = (what: string, id: string): Answer =>
  refused(
    404,
    "object_not_found",
    `Could not find ${what} with ID: ${id}. Make sure the relevant pages and databases are shared with your integration.`
  )

const badCursor = refused(400, "validation_error", "The start_cursor provided is invalid.")

interface Paging {
  readonly size: number
  readonly cursor: string | undefined
}

const pagingOf = (fields: Readonly<Record<string, unknown>>, most: number): Paging => ({
  size: Math.min(Number(fields["page_size"] ?? 100), 100, most),
  cursor: typeof fields["start_cursor"] === "string" ? fields["start_cursor"] : undefined
})

const list = (
  results: ReadonlyArray<Json>,
  next: string | undefined,
  more: { readonly [key: string]: Json } = {}
): Answer => ({
  status: 200,
  body: { object: "list", results, has_more: next !== undefined, next_cursor: next ?? null, ...more }
})

/** A list by place. */
const byPlace = <A>(all: ReadonlyArray<A>, { cursor, size }: Paging, shape: (item: A) => Json, more = {}): Answer => {
  const from = Number(cursor ?? 0)
  if (!Number.isInteger(from)) return badCursor
  return list(all.slice(from, from + size).map(shape), from + size < all.length ? String(from + size) : undefined, more)
}

/** A list by time of edit, which goes on behind the last item whatever is edited meanwhile. */
const byEdit = <A extends Page | Source>(
  all: ReadonlyArray<A>,
  { cursor, size }: Paging,
  shape: (item: A) => Json
): Answer => {
  const keyed = all.map((item) => ({ item, key: `${timeText(item.editedAt)} ${item.id}` }))
  const rest = keyed.filter(({ key }) => cursor === undefined || key > cursor).sort((a, b) => a.key < b.key ? -1 : 1)
  const page = rest.slice(0, size)
  const last = page.at(-1)
  return list(page.map(({ item }) => shape(item)), rest.length > size ? last?.key : undefined, {
    type: "page_or_data_source",
    page_or_data_source: {}
  })
}

/** Answers as Notion does, to whoever has a token. Lists have at most `most` items an answer. */
export const answer = (
  workspace: Workspace,
  { body, integration, method, path, query }: Request,
  { most, sign }: { readonly most: number; readonly sign: Signer }
): Answer => {
  const [area = "", id = "", what = "", below = ""] = path.split("/")
  switch (`${method} ${area} ${what}`) {
    case "GET users ":
      return { status: 200, body: botShape(workspace, integration) }
    case "POST search ": {
      const things = [...workspace.pages.values(), ...workspace.sources.values()]
        .filter(({ shared, trashed }) => shared && !trashed)
      return byEdit(
        things,
        pagingOf(body, most),
        (thing) => "blocks" in thing ? pageShape(thing, workspace) : sourceShape(thing, workspace)
      )
    }
    case "GET pages ": {
      const page = workspace.pages.get(id)
      return page?.shared === true ? { status: 200, body: pageShape(page, workspace) } : missing("page", id)
    }
    case "GET pages properties": {
      const page = workspace.pages.get(id)
      const property = Object.values(page?.properties ?? {}).find((one) => one.id === below)
      if (page?.shared !== true || property === undefined) return missing("property", below)
      const items: ReadonlyArray<Json> = Array.isArray(property.value) ? property.value : [property.value]
      return byPlace(items, pagingOf(query, most), (item) => ({
        object: "property_item",
        id: property.id,
        type: property.type,
        [property.type]: item
      }), {
        type: "property_item",
        property_item: { id: property.id, next_url: null, type: property.type, [property.type]: {} }
      })
    }
    case "GET data_sources ": {
      const source = workspace.sources.get(id)
      return source?.shared === true
        ? { status: 200, body: sourceShape(source, workspace) }
        : missing("data source", id)
    }
    case "POST data_sources query":
      return workspace.sources.get(id)?.shared === true
        ? byEdit(workspace.rowsOf(id), pagingOf(body, most), (page) => pageShape(page, workspace))
        : missing("data source", id)
    case "GET databases ": {
      const source = [...workspace.sources.values()].find(({ databaseId }) => databaseId === id)
      return source?.shared === true ? { status: 200, body: databaseShape(source, workspace) } : missing("database", id)
    }
    case "GET blocks children": {
      const children = workspace.childrenOf(id)
      return children === undefined
        ? missing("block", id)
        : byPlace(children, pagingOf(query, most), (block) => blockShape(block, id, sign), { type: "block", block: {} })
    }
    default:
      return refused(400, "invalid_request_url", "Invalid request URL.")
  }
}
