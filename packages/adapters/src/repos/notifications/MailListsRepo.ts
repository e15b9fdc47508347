import { MailId, type PageCursor, type TenantId } from "@sheaf/domain/ids"
import { Mail, type MailState } from "@sheaf/domain/notifications/Mail"
import { Context, Effect, Layer, Option, Schema } from "effect"
import { SqlClient } from "effect/sql"
import type { PageOptions } from "../datasets/DatasetsRepo.ts"
import { CursorInstant, decodeCursor, encodeCursor } from "../pageCursor.ts"
import { rows } from "../rows.ts"

export interface MailsOptions extends PageOptions {
  readonly state?: MailState
}

/** What was mailed, as administrators of a tenant see it. */
export class MailListsRepo extends Context.Service<MailListsRepo, {
  /** Newest first; `None` for a cursor that is not of this list. */
  readonly list: (tenantId: TenantId, options: MailsOptions) => Effect.Effect<
    Option.Option<{ readonly items: ReadonlyArray<Mail>; readonly next?: PageCursor }>
  >
}>()("@sheaf/adapters/repos/notifications/MailListsRepo") {
  static readonly layer = Layer.effect(
    MailListsRepo,
    Effect.gen(function*() {
      const sql = yield* SqlClient.SqlClient
      const date = Schema.NullOr(Schema.Date)
      const found = rows(
        Schema.Struct({ ...Mail.fields, createdAt: Schema.Date, finishedAt: date, nextAt: date, at: Schema.String })
      )
      const Position = Schema.Tuple([CursorInstant, MailId])
      const list: MailListsRepo["Service"]["list"] = Effect.fn("MailListsRepo.list")(
        function*(tenantId, { cursor, limit = 50, state }) {
          const after = decodeCursor(Position, cursor)
          if (Option.isNone(after)) return Option.none()
          const older = after.value === undefined
            ? sql``
            : sql`and (m.created_at, m.id) < (${after.value[0]}::timestamptz, ${after.value[1]}::uuid)`
          const many = yield* found(sql`select m.id, m.address, m.dataset_id, m.counts, m.lines, m.state, m.tries,
              case when m.state = 'sending' then m.next_at end as next_at, m.problem, m.created_at, m.finished_at,
              m.created_at::text as at
            from mails m where m.tenant_id = ${tenantId} ${state === undefined ? sql`` : sql`and m.state = ${state}`}
            ${older} order by m.created_at desc, m.id desc limit ${limit + 1}`)
          const shown = many.slice(0, limit)
          const last = shown.at(-1)
          return Option.some({
            items: shown.map(({ at: _at, ...mail }) => mail),
            ...(many.length > limit && last !== undefined && { next: encodeCursor(Position, [last.at, last.id]) })
          })
        }
      )
      return MailListsRepo.of({ list })
    })
  )
}
