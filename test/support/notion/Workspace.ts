import { randomUUID } from "node:crypto"

// A workspace of Notion as far as its API shows it. Everything may be changed between two calls.

export type Json = null | boolean | number | string | ReadonlyArray<Json> | { readonly [key: string]: Json }

/** A block as a test gives it. `{ hosted: name }` anywhere in its content stands for a file that Notion keeps. */
export interface GivenBlock {
  readonly id?: string
  readonly type: string
  readonly content?: { readonly [key: string]: Json }
  readonly children?: ReadonlyArray<GivenBlock>
}

export interface Block {
  readonly id: string
  readonly type: string
  readonly content: { readonly [key: string]: Json }
  readonly children: ReadonlyArray<Block>
}

interface Property {
  readonly id: string
  readonly type: string
  readonly value: Json
}

export interface Page {
  readonly id: string
  readonly parent: Parent
  title: string
  properties: Readonly<Record<string, Property>>
  blocks: ReadonlyArray<Block>
  readonly createdAt: number
  editedAt: number
  trashed: boolean
  /** Whether the integration can see it. */
  shared: boolean
}

/** A database of one source. */
export interface Source {
  readonly id: string
  readonly databaseId: string
  readonly parent: Parent
  title: string
  readonly createdAt: number
  editedAt: number
  trashed: boolean
  shared: boolean
}

export type Parent =
  | { readonly kind: "workspace" }
  | { readonly kind: "page"; readonly id: string }
  | { readonly kind: "database"; readonly id: string }
  | { readonly kind: "block"; readonly id: string }

export interface GivenPage {
  readonly id?: string
  readonly title: string
  /** Default: the workspace. */
  readonly parent?: Parent
  readonly properties?: Readonly<Record<string, Property>>
  readonly blocks?: ReadonlyArray<GivenBlock>
}

export const text = (content: string): Json => [{
  type: "text",
  text: { content, link: null },
  annotations: { bold: false, italic: false, strikethrough: false, underline: false, code: false, color: "default" },
  plain_text: content,
  href: null
}]

/** A block with nothing but text in it. */
export const block = (type: string, content: string, children?: ReadonlyArray<GivenBlock>): GivenBlock => ({
  type,
  content: { rich_text: text(content), color: "default" },
  ...(children !== undefined && { children })
})

export const paragraph = (content: string): GivenBlock => block("paragraph", content)

const minute = 60_000

const made = ({ children = [], content = {}, id = randomUUID(), type }: GivenBlock): Block => ({
  id,
  type,
  content,
  children: children.map(made)
})

export class Workspace {
  /** The same for all: what came from one goes on with the next. */
  readonly id: string = "00000000-0000-4000-8000-0000000000f0"
  name = "Pumps and valves"
  readonly pages = new Map<string, Page>()
  readonly sources = new Map<string, Source>()
  /** What Notion keeps for pages, by name. */
  readonly files = new Map<string, { readonly bytes: Uint8Array; readonly mediaType: string }>()
  /** Tokens that are accepted; `<token>.<name>` is that of another integration of the workspace. */
  readonly tokens = new Set(["ntn_double"])
  private readonly now: () => number

  constructor(now: () => number) {
    this.now = now
  }

  addPage({ blocks = [], id = randomUUID(), parent = { kind: "workspace" }, properties = {}, title }: GivenPage): Page {
    const at = this.minuteNow()
    const page: Page = {
      id,
      parent,
      title,
      properties,
      blocks: blocks.map(made),
      createdAt: at,
      editedAt: at,
      trashed: false,
      shared: true
    }
    this.pages.set(id, page)
    return page
  }

  addDatabase(
    { id = randomUUID(), parent = { kind: "workspace" }, title }: Omit<GivenPage, "blocks" | "properties">
  ): Source {
    const at = this.minuteNow()
    const source: Source = {
      id,
      databaseId: randomUUID(),
      parent,
      title,
      createdAt: at,
      editedAt: at,
      trashed: false,
      shared: true
    }
    this.sources.set(id, source)
    return source
  }

  /** Changes a page as a person does: the time of the edit changes with it. */
  edit(id: string, change: { readonly title?: string; readonly blocks?: ReadonlyArray<GivenBlock> }): void {
    const page = this.pages.get(id)
    if (page === undefined) throw new Error(`there is no page ${id}`)
    if (change.title !== undefined) page.title = change.title
    if (change.blocks !== undefined) page.blocks = change.blocks.map(made)
    page.editedAt = this.minuteNow()
  }

  /** Children of a page or of a block on one. */
  childrenOf(id: string): ReadonlyArray<Block> | undefined {
    const page = this.pages.get(id)
    if (page !== undefined) return page.shared ? page.blocks : undefined
    for (const { blocks, shared } of this.pages.values()) {
      const found = shared ? findIn(blocks, id) : undefined
      if (found !== undefined) return found.children
    }
    return undefined
  }

  rowsOf(sourceId: string): ReadonlyArray<Page> {
    return [...this.pages.values()].filter(({ parent, shared, trashed }) =>
      parent.kind === "database" && parent.id === sourceId && shared && !trashed
    )
  }

  private minuteNow(): number {
    return Math.floor(this.now() / minute) * minute
  }
}

const findIn = (blocks: ReadonlyArray<Block>, id: string): Block | undefined => {
  for (const block of blocks) {
    const found = block.id === id ? block : findIn(block.children, id)
    if (found !== undefined) return found
  }
  return undefined
}
