import { Actor } from "@sheaf/domain/edge/Caller"
import { type DocumentId, type PageCursor, RunId, type TenantId } from "@sheaf/domain/ids"
import { describeRun } from "@sheaf/domain/runs/describeRun"
import { RecordedRun, Run, RunCause, RunWarning } from "@sheaf/domain/runs/Run"
import { SettingValue } from "@sheaf/domain/runs/RunSettings"
import { Context, Effect, Layer, Option, Schema } from "effect"
import { SqlClient } from "effect/sql"
import type { PageOptions } from "../datasets/DatasetsRepo.ts"
import { CursorCount, decodeCursor, encodeCursor } from "../pageCursor.ts"
import { maybeRow, rows } from "../rows.ts"
import { runJson } from "./RunsRepo.ts"

/** Of one run. */
const maxWarnings = 100

const Row = Schema.Struct({
  run: Run,
  since: Schema.Date,
  now: Schema.Date,
  why: Schema.NullOr(RunCause),
  actor: Schema.NullOr(Actor),
  // As the parser said it: a piece of JSON for each.
  warnings: Schema.Array(Schema.String)
})

const decodeWarning = Schema.decodeUnknownOption(Schema.fromJsonString(RunWarning))

/** The runs of a document, looked back on. */
export class HistoryRepo extends Context.Service<HistoryRepo, {
  /** Newest first; `None` for a cursor that is not of this list. */
  readonly list: (
    tenantId: TenantId,
    options: PageOptions & { readonly documentId: DocumentId }
  ) => Effect.Effect<
    Option.Option<{ readonly items: ReadonlyArray<RecordedRun>; readonly next?: PageCursor }>
  >
  /** The newest run, and the settings it was begun with, as far as they were written down. */
  readonly newestSettings: (tenantId: TenantId, documentId: DocumentId) => Effect.Effect<
    Option.Option<{ readonly runId: RunId; readonly values: ReadonlyArray<SettingValue> }>
  >
  /** What was left out of an artefact of a document when it was made. */
  readonly warningsOf: (
    tenantId: TenantId,
    documentId: DocumentId,
    artefact: string
  ) => Effect.Effect<ReadonlyArray<string>>
}>()("@sheaf/adapters/repos/runs/HistoryRepo") {
  static readonly layer = Layer.effect(
    HistoryRepo,
    Effect.gen(function*() {
      const sql = yield* SqlClient.SqlClient
      const page = rows(Row)
      const Position = Schema.Tuple([CursorCount])
      const list: HistoryRepo["Service"]["list"] = Effect.fn("HistoryRepo.list")(
        function*(tenantId, { cursor, documentId, limit = 50 }) {
          const after = decodeCursor(Position, cursor)
          if (Option.isNone(after)) return Option.none()
          const found = yield* page(sql`select ${runJson(sql)} as run, r.since, now() as now, r.config ->> 'why' as why,
              r.created_by as actor, (select coalesce(jsonb_agg(warning), '[]') from (
                select warning from work_units u cross join lateral jsonb_array_elements(coalesce(u.warnings, '[]')) as warning
                where u.tenant_id = r.tenant_id and u.run_id = r.id order by u.ordinal limit ${maxWarnings}
              ) left_out) as warnings
            from runs r where r.tenant_id = ${tenantId} and r.document_id = ${documentId}
              ${after.value === undefined ? sql`` : sql`and r.number < ${after.value[0]}`}
            order by r.number desc limit ${limit + 1}`)
          const items = found.slice(0, limit).map(toRecorded)
          const last = items.at(-1)
          return Option.some({
            items,
            ...(found.length > limit && last !== undefined && { next: encodeCursor(Position, [last.number]) })
          })
        }
      )

      const settings = maybeRow(Schema.Struct({ runId: RunId, values: Schema.Array(SettingValue) }))
      const newestSettings: HistoryRepo["Service"]["newestSettings"] = (tenantId, documentId) =>
        settings(sql`select id as run_id, coalesce(config -> 'values', '[]') as values from runs
          where tenant_id = ${tenantId} and document_id = ${documentId} order by number desc limit 1`)

      const warned = maybeRow(Schema.Struct({ warnings: Schema.Array(Schema.String) }))
      const warningsOf: HistoryRepo["Service"]["warningsOf"] = (tenantId, documentId, artefact) =>
        Effect.map(
          warned(sql`select u.warnings from runs r
            join work_units u on u.tenant_id = r.tenant_id and u.run_id = r.id
            where r.tenant_id = ${tenantId} and r.document_id = ${documentId} and u.stage = 'parse'
              and u.artefact = ${artefact} and u.state = 'done' and u.warnings is not null
            order by u.finished_at limit 1`),
          Option.match({ onNone: () => [], onSome: (row) => row.warnings })
        )

      return HistoryRepo.of({ list, newestSettings, warningsOf })
    })
  )
}

const toRecorded = ({ actor, now, run, since, warnings, why }: typeof Row.Type): RecordedRun =>
  new RecordedRun({
    ...run,
    begunBy: why === null || actor === null ? null : { why, actor },
    message: describeRun({ ...run, stages: run.progress, since }, now),
    warnings: warnings.flatMap((warning) => Option.toArray(decodeWarning(warning)))
  })
