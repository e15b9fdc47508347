import { Effect, Option, Result, type Schema, Stream } from "effect"
import { AnsweredBlock, decode, readList } from "./answers.ts"
import type { Asking } from "./Caller.ts"
import { type NotionError, NotionTooLarge } from "./errors.ts"
import { canonicalId } from "./ids.ts"
import type { NotionBlock } from "./model.ts"

const maxBlocks = 50_000
const maxDepth = 100

/** Pages of their own: what is in them is not of this one. */
const apart = new Set(["child_page", "child_database"])

/** Children of a block that are being gone through. */
interface Level {
  /** Whose children they are. */
  readonly id: string
  ready: Array<AnsweredBlock>
  /** Where the list goes on; null at its end. */
  next: string | undefined | null
}

const decodeBlock = decode(AnsweredBlock)

const isObject = (value: Schema.Json | undefined): value is Schema.JsonObject =>
  typeof value === "object" && value !== null && !Array.isArray(value)

/** The block that a synced one is a copy of. */
const originalOf = (content: Schema.JsonObject): string | undefined => {
  const from = content["synced_from"]
  const id = isObject(from) ? from["block_id"] : undefined
  return typeof id === "string" ? id : undefined
}

/** All blocks below one, in document order. Holds the lists that it is within, a hundred blocks each, and no more. */
export const blocksOf = (ask: Asking, pageId: string): Stream.Stream<NotionBlock, NotionError> =>
  Stream.suspend(() => {
    const levels: Array<Level> = []
    let count = 0

    const read = Effect.fnUntraced(function*(level: Level) {
      const cursor = level.next ?? undefined
      const answer = yield* ask({
        method: "get",
        path: `blocks/${level.id}/children`,
        query: { page_size: 100, ...(cursor !== undefined && { start_cursor: cursor }) },
        about: { what: level.id === pageId ? "page" : "block", id: level.id }
      })
      const { next, results } = yield* readList(answer, cursor)
      level.ready = [...yield* Effect.forEach(results, decodeBlock)]
      level.next = next ?? null
    })

    /** The children of a block, or why there are none to be had. The first are read at once: a copy may have lost its original. */
    const enter = Effect.fnUntraced(function*(block: AnsweredBlock, content: Schema.JsonObject) {
      const { has_children = false, type = "" } = block
      const original = type === "synced_block" ? originalOf(content) : undefined
      if (apart.has(type) || !has_children && original === undefined) return undefined
      const id = original === undefined ? block.id : canonicalId(original) ?? original
      if (levels.some((level) => level.id === id)) return "cycle" as const
      if (levels.length >= maxDepth) return yield* new NotionTooLarge({ what: "levels of blocks", limit: maxDepth })
      const level: Level = { id, ready: [], next: undefined }
      const outcome = yield* Effect.result(read(level))
      if (Result.isSuccess(outcome)) {
        levels.push(level)
        return undefined
      }
      const lost = outcome.failure._tag === "NotionNotFound" || outcome.failure._tag === "NotionRestricted"
      if (original !== undefined && lost) return "source" as const
      return yield* outcome.failure
    })

    const step = Effect.fnUntraced(function*(): Effect.fn.Return<
      readonly [ReadonlyArray<NotionBlock>, Option.Option<void>],
      NotionError
    > {
      const level = levels.at(-1)
      if (level === undefined) return [[], Option.none()]
      const block = level.ready.shift()
      if (block === undefined) {
        if (level.next === null) levels.pop()
        else yield* read(level)
        return [[], Option.some(undefined)]
      }
      if (++count > maxBlocks) return yield* new NotionTooLarge({ what: "blocks", limit: maxBlocks })
      const { id, type = "unsupported" } = block
      const given = block[type]
      const content = isObject(given) ? given : {}
      const depth = levels.length - 1
      const missing = yield* enter(block, content)
      const made = { id: canonicalId(id) ?? id, type, depth, content, ...(missing !== undefined && { missing }) }
      return [[made], Option.some(undefined)]
    })

    levels.push({ id: pageId, ready: [], next: undefined })
    return Stream.paginate(undefined as void, step)
  })
