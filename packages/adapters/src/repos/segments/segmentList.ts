import type { Caller } from "@sheaf/domain/edge/Caller"
import { type DocumentId, type PageCursor, SegmentId } from "@sheaf/domain/ids"
import type { IndexState } from "@sheaf/domain/segments/IndexState"
import { Segment, type SegmentOrigin } from "@sheaf/domain/segments/Segment"
import { Effect, Option, Schema } from "effect"
import type { SqlClient, Statement } from "effect/sql"
import type { PageOptions } from "../datasets/DatasetsRepo.ts"
import { decodeCursor, encodeCursor } from "../pageCursor.ts"
import { maybeRow, oneRow, rows } from "../rows.ts"

/** Which segments of a document's published version. */
export interface SegmentsListed extends PageOptions {
  readonly documentId: DocumentId
  /** `null`: those that are no children. */
  readonly parentId?: SegmentId | null
  readonly enabled?: boolean
  readonly origin?: SegmentOrigin
  readonly indexState?: typeof IndexState.Type
  /** Part of the text, whatever the case. */
  readonly text?: string
  readonly withTotal?: boolean
}

/** Members of a version that one statement reads at most; of few that match, many may have to be read. */
const window = 4_000
/** The same where their texts are read. */
const textWindow = 1_000

/** A place in the list: after this segment, or after this ordinal once the segment is not there any more. */
const Position = Schema.Tuple([Schema.Finite, SegmentId])

/** What readers see of a version: the parts of a statement that `SegmentsRepo` has for all of its reads. */
export interface PublishedSql {
  readonly columns: Statement.Fragment
  readonly published: (caller: Caller) => Statement.Fragment
}

/** Lists segments in reading order, by statements that are bounded whatever the filter. */
export const makeSegmentList = (sql: SqlClient.SqlClient, { columns, published }: PublishedSql) => {
  const matching = ({ enabled, indexState, origin, parentId, text }: SegmentsListed) =>
    sql`${enabled === undefined ? sql`` : sql`and s.enabled = ${enabled}`}
      ${indexState === undefined ? sql`` : sql`and s.index_state = ${indexState}`}
      ${origin === undefined ? sql`` : sql`and s.origin = ${origin}`}
      ${
      parentId === undefined
        ? sql``
        : parentId === null
        ? sql`and s.parent_id is null`
        : sql`and s.parent_id = ${parentId}::uuid`
    }
      ${text === undefined ? sql`` : sql`and position(lower(${text}) in lower(s.text)) > 0`}`

  const places = oneRow(Schema.Struct({ ordinal: Schema.NullOr(Schema.Finite) }))
  /** Where the window ends that begins after an ordinal; `null` when nothing comes after it. */
  const windowFrom = (caller: Caller, options: SegmentsListed, after: number | null) =>
    Effect.map(
      places(sql`select max(ordinal) as ordinal from (select ordinal from run_segments
        where tenant_id = ${caller.tenantId} and run_id = (select published_run_id from documents
            where tenant_id = ${caller.tenantId} and id = ${options.documentId})
          ${after === null ? sql`` : sql`and ordinal > ${after}::float8`}
        order by ordinal limit ${options.text === undefined ? window : textWindow}) members`),
      ({ ordinal }) => ordinal
    )
  const within = (caller: Caller, options: SegmentsListed, after: number | null, to: number | null) =>
    sql`${published(caller)} and rs.document_id = ${options.documentId}
      ${to === null ? sql`` : sql`and rs.ordinal <= ${to}::float8`}
      ${after === null ? sql`` : sql`and rs.ordinal > ${after}::float8`} ${matching(options)}`

  const where = maybeRow(Schema.Struct({ ordinal: Schema.Finite }))
  /** Where to go on: an edit or another version may have moved what the page before ended with. */
  const standing = (caller: Caller, options: SegmentsListed, [ordinal, segmentId]: typeof Position.Type) =>
    Effect.map(
      where(sql`select rs.ordinal from ${published(caller)} and rs.document_id = ${options.documentId}
        and rs.segment_id = ${segmentId}`),
      Option.match({ onNone: () => ordinal, onSome: (place) => place.ordinal })
    )

  const segments = rows(Segment)
  const counts = oneRow(Schema.Struct({ total: Schema.Int }))

  /** Calls `read` for each window after an ordinal, until there are no more or it has enough. Without a filter all is one window. */
  const inWindows = Effect.fnUntraced(function*(
    caller: Caller,
    options: SegmentsListed,
    begin: number | null,
    read: (members: Statement.Fragment) => Effect.Effect<boolean>
  ) {
    if (!isFiltered(options)) return void (yield* read(within(caller, options, begin, null)))
    for (let after = begin;;) {
      const end: number | null = yield* windowFrom(caller, options, after)
      if (end === null || (yield* read(within(caller, options, after, end)))) return
      after = end
    }
  })

  return Effect.fn("SegmentsRepo.list")(function*(caller: Caller, options: SegmentsListed) {
    const limit = options.limit ?? 50
    const cursor = decodeCursor(Position, options.cursor)
    if (Option.isNone(cursor)) return Option.none()
    const begin = cursor.value === undefined ? null : yield* standing(caller, options, cursor.value)
    const items: Array<Segment> = []
    yield* inWindows(caller, options, begin, (members) =>
      Effect.map(
        segments(sql`select ${columns} from ${members} order by rs.ordinal limit ${limit + 1 - items.length}`),
        (found) => items.push(...found) > limit
      ))
    const page = items.slice(0, limit)
    const last = page.at(-1)
    const more: { readonly next?: PageCursor } = items.length > limit && last !== undefined
      ? { next: encodeCursor(Position, [last.ordinal, last.id]) }
      : {}
    if (options.withTotal !== true) return Option.some({ items: page, ...more })
    let total = 0
    yield* inWindows(
      caller,
      options,
      null,
      (members) =>
        Effect.map(counts(sql`select count(*)::int as total from ${members}`), (found) => {
          total += found.total
          return false
        })
    )
    return Option.some({ items: page, ...more, total })
  })
}

const isFiltered = ({ enabled, indexState, origin, parentId, text }: SegmentsListed): boolean =>
  [enabled, indexState, origin, parentId, text].some((given) => given !== undefined)
