import { Effect } from "effect"
import { AnsweredPage, AnsweredThing, decode, readList } from "./answers.ts"
import type { Asking } from "./Caller.ts"
import { type NotionError, NotionInvalid, NotionTooLarge } from "./errors.ts"
import type { NotionList, NotionPage } from "./model.ts"
import { pageOf } from "./properties.ts"

const decodePage = decode(AnsweredPage)
const decodeThing = decode(AnsweredThing)

/**
 * Where a list of rows goes on. Notion shows so many of one query and no more: what follows is the same query for what was edited
 * since the last row.
 */
interface Position {
  readonly since: string | undefined
  readonly cursor: string | undefined
}

const parting = "|"

const readPosition = (text: string | undefined): Position | undefined => {
  if (text === undefined) return { since: undefined, cursor: undefined }
  const at = text.indexOf(parting)
  const since = text.slice(0, at)
  if (at < 0 || since !== "" && Number.isNaN(Date.parse(since))) return undefined
  return { since: since || undefined, cursor: text.slice(at + 1) || undefined }
}

const written = ({ cursor = "", since = "" }: Position): string => `${since}${parting}${cursor}`

export const rowsOf = Effect.fnUntraced(function*(
  ask: Asking,
  id: string,
  from: string | undefined
): Effect.fn.Return<NotionList<NotionPage>, NotionError> {
  const position = readPosition(from)
  if (position === undefined) return yield* new NotionInvalid({ code: "cursor", detail: "This is no cursor of rows." })
  const { cursor, since } = position
  const answer = yield* ask({
    method: "post",
    path: `data_sources/${id}/query`,
    body: {
      sorts: [{ timestamp: "last_edited_time", direction: "ascending" }],
      page_size: 100,
      ...(since !== undefined &&
        { filter: { timestamp: "last_edited_time", last_edited_time: { on_or_after: since } } }),
      ...(cursor !== undefined && { start_cursor: cursor })
    },
    about: { what: "database", id }
  })
  const { isCutShort, next, results } = yield* readList(answer, cursor)
  // A wiki has databases among its rows: they are listed by themselves.
  const things = yield* Effect.filter(
    results,
    (thing) => Effect.map(decodeThing(thing), ({ object }) => object === "page")
  )
  const items = yield* Effect.forEach(things, (thing) => Effect.flatMap(decodePage(thing), (page) => pageOf(ask, page)))
  if (next !== undefined) return { items, next: written({ since, cursor: next }) }
  if (!isCutShort) return { items }
  const last = items.at(-1)?.editedAt.toISOString()
  if (last === undefined || last === since) {
    return yield* new NotionTooLarge({ what: "rows edited within one minute", limit: 10_000 })
  }
  return { items, next: written({ since: last, cursor: undefined }) }
})
