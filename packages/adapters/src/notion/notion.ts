import { Effect, Layer, Stream } from "effect"
import {
  AnsweredBot,
  AnsweredDatabase,
  AnsweredPage,
  AnsweredSource,
  AnsweredThing,
  decode,
  readList
} from "./answers.ts"
import { blocksOf } from "./blocks.ts"
import { type Asking, makeAsking } from "./Caller.ts"
import { NotionMalformed, NotionTooLarge } from "./errors.ts"
import { idOf } from "./ids.ts"
import { pageItem, sourceItem } from "./items.ts"
import type { NotionItem } from "./model.ts"
import { NotionApi, type NotionReader } from "./NotionApi.ts"
import { NotionEndpoint } from "./NotionEndpoint.ts"
import { Pace } from "./Pace.ts"
import { pageOf } from "./properties.ts"
import { rowsOf } from "./rowsOf.ts"

/** Pages of a search as Notion goes through them (developers.notion.com, "Search"). */
const pageSize = 100

const decodeBot = decode(AnsweredBot)
const decodeDatabase = decode(AnsweredDatabase)
const decodePage = decode(AnsweredPage)
const decodeSource = decode(AnsweredSource)
const decodeThing = decode(AnsweredThing)

/** One item, or none. */
const readThing = (answer: unknown): Effect.Effect<ReadonlyArray<NotionItem>, NotionMalformed> =>
  Effect.flatMap(decodeThing(answer), ({ object }) => {
    if (object === "page") return Effect.map(decodePage(answer), (page) => [pageItem(page)])
    if (object === "data_source" || object === "database") {
      return Effect.map(decodeSource(answer), (source) => [sourceItem(source)])
    }
    // Whatever kind comes later is neither a page nor a database.
    return Effect.succeed([])
  })

const makeReader = (ask: Asking): NotionReader => {
  const check = Effect.gen(function*() {
    const { bot, id, name } = yield* Effect.flatMap(ask({ method: "get", path: "users/me" }), decodeBot)
    return {
      id: bot?.workspace_id ?? id,
      name: bot?.workspace_name ?? "",
      bot: { id, name: name ?? "" }
    }
  })

  const list: NotionReader["list"] = Effect.fnUntraced(function*(cursor) {
    const answer = yield* ask({
      method: "post",
      path: "search",
      body: {
        sort: { timestamp: "last_edited_time", direction: "ascending" },
        page_size: pageSize,
        ...(cursor !== undefined && { start_cursor: cursor })
      }
    })
    const { isCutShort, next, results } = yield* readList(answer, cursor)
    const things = yield* Effect.forEach(results, readThing)
    if (isCutShort) return yield* new NotionTooLarge({ what: "pages that Notion shows of one list", limit: 10_000 })
    return {
      items: things.flat(),
      ...(next !== undefined && { next })
    }
  })

  const page: NotionReader["page"] = Effect.fnUntraced(function*(given) {
    const id = yield* idOf("page", given)
    const answer = yield* ask({ method: "get", path: `pages/${id}`, about: { what: "page", id } })
    return yield* pageOf(ask, yield* decodePage(answer))
  })

  const database: NotionReader["database"] = Effect.fnUntraced(function*(given) {
    const id = yield* idOf("database", given)
    const answer = yield* ask({ method: "get", path: `data_sources/${id}`, about: { what: "database", id } })
    return sourceItem(yield* decodeSource(answer))
  })

  const sources: NotionReader["sources"] = Effect.fnUntraced(function*(given) {
    const id = yield* idOf("database", given)
    const answer = yield* ask({ method: "get", path: `databases/${id}`, about: { what: "database", id } })
    const { data_sources } = yield* decodeDatabase(answer)
    if (data_sources === undefined || data_sources === null) {
      return yield* new NotionMalformed({ detail: "a database does not say its sources" })
    }
    return yield* Effect.forEach(data_sources, (source) => database(source.id))
  })

  return {
    check,
    list,
    page,
    database,
    sources,
    rows: (id, cursor) => Effect.flatMap(idOf("database", id), (found) => rowsOf(ask, found, cursor)),
    blocks: (id) => Stream.unwrap(Effect.map(idOf("page", id), (found) => blocksOf(ask, found)))
  }
}

/** Notion over the internet, or whatever `NotionEndpoint` says. Connects when it is asked. */
export const layer = Layer.unwrap(
  Effect.map(NotionEndpoint, (endpoint) =>
    Layer.effect(
      NotionApi,
      Effect.map(Pace, (pace) => NotionApi.of({ reader: (access) => makeReader(makeAsking(endpoint, pace, access)) }))
    ).pipe(Layer.provide(Pace.layer(endpoint))))
)
