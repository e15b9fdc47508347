import { Caller } from "@sheaf/domain/edge/Caller"
import { ImportId, TenantId } from "@sheaf/domain/ids"
import type { Import } from "@sheaf/domain/imports/Import"
import type { ImportFailure } from "@sheaf/domain/imports/ImportFailure"
import type { ReadRow } from "@sheaf/domain/imports/readRow"
import type { RowProblem } from "@sheaf/domain/imports/RowProblem"
import { Context, Effect, Layer, Option, Schema } from "effect"
import { SqlClient } from "effect/sql"
import { done, expiryPage, json, maybeRow, oneRow, rows } from "../rows.ts"
import { importColumns, ImportRecord, toImport } from "./importRow.ts"

const Work = Schema.Struct({
  ...ImportRecord.fields,
  caller: Schema.toCodecJson(Caller),
  owner: Schema.String,
  readTo: Schema.Int
})
/** What carries out an import needs to know of it. */
export type Work = typeof Work.Type

/** A row and its place in the file. */
export interface NumberedRow extends ReadRow {
  readonly number: number
}

const Pending = Schema.Struct({ number: Schema.Int, values: Schema.Record(Schema.String, Schema.String) })
export type PendingRow = typeof Pending.Type

export interface RowResult {
  readonly number: number
  readonly state: "created" | "overwritten" | "skipped" | "failed"
  readonly resultId: string | null
  readonly problem: RowProblem | null
}

const Place = Schema.Struct({ tenantId: TenantId, id: ImportId })
export type ImportPlace = typeof Place.Type

/** How long an import can be looked at after it is over. */
const retention = "30 days"

/** Imports as the job has them that carries them out. Whoever writes holds the import's row: nobody else does then. */
export class ImportWorkRepo extends Context.Service<ImportWorkRepo, {
  readonly find: (tenantId: TenantId, importId: ImportId) => Effect.Effect<Option.Option<Work>>
  /**
   * Gives a waiting import its turn: there are fewer than `atWork` of the tenant at work, and none waits longer. What is at work stays so
   * until it is over, whoever dies meanwhile. Within a transaction.
   */
  readonly begin: (tenantId: TenantId, importId: ImportId, atWork: number) => Effect.Effect<boolean>
  /** Keeps rows that follow those which are there; `false` when the import is over. Within a fenced transaction. */
  readonly append: (
    tenantId: TenantId,
    importId: ImportId,
    read: ReadonlyArray<NumberedRow>
  ) => Effect.Effect<boolean>
  /** All rows are there. */
  readonly allRead: (tenantId: TenantId, importId: ImportId) => Effect.Effect<void>
  /** The next rows whose turn has not come. */
  readonly pending: (tenantId: TenantId, importId: ImportId, limit: number) => Effect.Effect<ReadonlyArray<PendingRow>>
  /** Holds the import until the end of the fenced transaction that settles rows; `false` when it is over: nothing is done then. */
  readonly hold: (tenantId: TenantId, importId: ImportId) => Effect.Effect<boolean>
  /** Answers how the import stands then. */
  readonly settle: (
    tenantId: TenantId,
    importId: ImportId,
    results: ReadonlyArray<RowResult>
  ) => Effect.Effect<Import>
  /** `None` when it is over already. */
  readonly end: (
    tenantId: TenantId,
    importId: ImportId,
    failure: ImportFailure | null
  ) => Effect.Effect<Option.Option<Import>>
  /** Up to `limit` of any tenant whose file did not come in its time. */
  readonly abandoned: (limit: number) => Effect.Effect<ReadonlyArray<ImportPlace>>
  /** `false` when its file has come after all. */
  readonly abandon: (place: ImportPlace) => Effect.Effect<boolean>
  /** Removes what is past its retention, a page of rows at a time. Less than a page is the last one. */
  readonly expire: Effect.Effect<number>
}>()("@sheaf/adapters/repos/imports/ImportWorkRepo") {
  static readonly layer = Layer.effect(
    ImportWorkRepo,
    Effect.gen(function*() {
      const sql = yield* SqlClient.SqlClient
      const columns = importColumns(sql)
      const changed = maybeRow(Schema.Struct({ id: ImportId }))
      const isChanged = (row: Effect.Effect<Option.Option<unknown>>) => Effect.map(row, Option.isSome)

      const works = maybeRow(Work)
      const find: ImportWorkRepo["Service"]["find"] = (tenantId, importId) =>
        works(sql`select ${columns}, i.caller, i.owner, i.read_to from imports i
          where i.tenant_id = ${tenantId} and i.id = ${importId}`)

      const begin: ImportWorkRepo["Service"]["begin"] = Effect.fn("ImportWorkRepo.begin")(
        function*(tenantId, importId, atWork) {
          // Two that count at once would both find room.
          yield* done(sql`select 1 from tenants where id = ${tenantId} for no key update`)
          return yield* isChanged(changed(sql`update imports i set state = 'reading', revision = i.revision + 1
            where i.tenant_id = ${tenantId} and i.id = ${importId} and i.state = 'waiting'
              and (select count(*) from imports o where o.tenant_id = i.tenant_id and o.finished_at is null
                and o.state in ('reading', 'applying')) < ${atWork}
              and not exists (select from imports o where o.tenant_id = i.tenant_id and o.finished_at is null
                and o.state = 'waiting' and (o.queued_at, o.id) < (i.queued_at, i.id))
            returning i.id`))
        }
      )

      const held = maybeRow(Schema.Struct({ readTo: Schema.Int }))
      const append: ImportWorkRepo["Service"]["append"] = Effect.fn("ImportWorkRepo.append")(
        function*(tenantId, importId, read) {
          const mine = yield* held(sql`select read_to from imports
            where tenant_id = ${tenantId} and id = ${importId} and state = 'reading' for update`)
          if (Option.isNone(mine)) return false
          const fresh = read.filter(({ number }) => number > mine.value.readTo)
          const last = fresh.at(-1)
          if (last === undefined) return true
          const values = fresh.map(({ number, problem, values }) => ({ number, problem, row_values: values }))
          yield* done(sql`insert into import_rows (tenant_id, import_id, number, state, row_values, problem)
            select ${tenantId}::uuid, ${importId}::uuid, x.number,
              case when x.problem is null then 'pending' else 'failed' end, x.row_values, x.problem
            from jsonb_to_recordset(${json(values)}::jsonb) as x(number int, row_values jsonb, problem jsonb)`)
          const failed = fresh.filter(({ problem }) => problem !== null).length
          yield* done(sql`update imports set total = total + ${fresh.length}, failed = failed + ${failed},
              read_to = ${last.number}, revision = revision + 1
            where tenant_id = ${tenantId} and id = ${importId}`)
          return true
        }
      )

      const allRead: ImportWorkRepo["Service"]["allRead"] = (tenantId, importId) =>
        done(sql`update imports set state = 'applying', revision = revision + 1
          where tenant_id = ${tenantId} and id = ${importId} and state = 'reading'`)

      const waiting = rows(Pending)
      const pending: ImportWorkRepo["Service"]["pending"] = (tenantId, importId, limit) =>
        waiting(sql`select number, row_values as values from import_rows
          where tenant_id = ${tenantId} and import_id = ${importId} and state = 'pending'
          order by number limit ${limit}`)
      const hold: ImportWorkRepo["Service"]["hold"] = (tenantId, importId) =>
        isChanged(changed(sql`select id from imports
          where tenant_id = ${tenantId} and id = ${importId} and state = 'applying' for update`))

      const stands = oneRow(ImportRecord)
      const settle: ImportWorkRepo["Service"]["settle"] = (tenantId, importId, results) =>
        Effect.map(
          stands(sql`with settled as (
            update import_rows r set state = x.state, result_id = x.result_id, problem = x.problem
            from jsonb_to_recordset(${
            json(
              results.map(({ number, problem, resultId, state }) => ({ number, problem, result_id: resultId, state }))
            )
          }::jsonb) as x(number int, state text, result_id uuid, problem jsonb)
            where r.tenant_id = ${tenantId} and r.import_id = ${importId} and r.number = x.number
              and r.state = 'pending'
            returning r.state
          )
          update imports i set revision = revision + 1,
            created = created + (select count(*)::int from settled where state = 'created'),
            overwritten = overwritten + (select count(*)::int from settled where state = 'overwritten'),
            skipped = skipped + (select count(*)::int from settled where state = 'skipped'),
            failed = failed + (select count(*)::int from settled where state = 'failed')
          where tenant_id = ${tenantId} and id = ${importId} returning ${columns}`),
          toImport
        )

      const ended = maybeRow(ImportRecord)
      const end: ImportWorkRepo["Service"]["end"] = (tenantId, importId, failure) =>
        Effect.map(
          ended(sql`update imports i set state = ${failure === null ? "finished" : "failed"},
              failure = ${
            failure === null ? null : json(failure)
          }::jsonb, finished_at = now(), revision = i.revision + 1
            where i.tenant_id = ${tenantId} and i.id = ${importId} and i.finished_at is null returning ${columns}`),
          Option.map(toImport)
        )

      const places = rows(Place)
      const isLate = sql`state = 'uploading' and created_at < now() - interval '24 hours'`
      const abandoned: ImportWorkRepo["Service"]["abandoned"] = (limit) =>
        places(sql`select tenant_id, id from imports where finished_at is null and ${isLate} limit ${limit}`)
      const abandon: ImportWorkRepo["Service"]["abandon"] = ({ id, tenantId }) =>
        isChanged(changed(sql`update imports set state = 'cancelled', finished_at = now(), revision = revision + 1
          where tenant_id = ${tenantId} and id = ${id} and ${isLate} returning id`))

      const expired = oneRow(Schema.Struct({ gone: Schema.Int }))
      const old = sql`i.finished_at < now() - ${retention}::interval`
      const expireRows = expired(sql`with gone as (
          delete from import_rows where ctid = any(array(select r.ctid from import_rows r
            join imports i on i.tenant_id = r.tenant_id and i.id = r.import_id
            where ${old} limit ${expiryPage})) returning 1
        ) select count(*)::int as gone from gone`)
      const expireEmpty = expired(sql`with gone as (
          delete from imports where ctid = any(array(select i.ctid from imports i
            where ${old} and not exists (select from import_rows r
              where r.tenant_id = i.tenant_id and r.import_id = i.id) limit ${expiryPage})) returning 1
        ) select count(*)::int as gone from gone`)
      const expire = Effect.flatMap(
        expireRows,
        ({ gone }) => gone === expiryPage ? Effect.succeed(gone) : Effect.map(expireEmpty, (row) => row.gone)
      )

      return ImportWorkRepo.of({ find, begin, append, allRead, pending, hold, settle, end, abandoned, abandon, expire })
    })
  )
}
