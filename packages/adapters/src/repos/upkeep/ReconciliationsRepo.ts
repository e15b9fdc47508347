import { DriftKind, DriftReport, DriftSummary, Finding } from "@sheaf/domain/admin/DriftRpcs"
import { Actor } from "@sheaf/domain/edge/Caller"
import { JobId, type PageCursor, ReconciliationId, TenantId } from "@sheaf/domain/ids"
import { Context, Duration, Effect, Layer, Option, Schema } from "effect"
import { SqlClient } from "effect/sql"
import type { PageOptions } from "../datasets/DatasetsRepo.ts"
import { derivedId } from "../derivedId.ts"
import { JobsRepo } from "../jobs/JobsRepo.ts"
import { newId } from "../newId.ts"
import { CursorInstant, CursorText, decodeCursor, encodeCursor } from "../pageCursor.ts"
import { done, json, maybeRow, rows } from "../rows.ts"

/** What was seen once and has to be looked at again. `key`: ids, in an order that belongs to the kind. */
export const Suspect = Schema.Struct({ kind: DriftKind, key: Schema.Array(Schema.String) })
export type Suspect = typeof Suspect.Type

/** How far a look has come. */
export const Position = Schema.Struct({
  /** Which check goes on, and from where. */
  check: Schema.Int,
  cursor: Schema.NullOr(Schema.String),
  suspects: Schema.Array(Suspect),
  /** When the suspects may be looked at again, in milliseconds; `null` while more are gathered. */
  ripeAt: Schema.NullOr(Schema.Finite)
})
export type Position = typeof Position.Type

const beginning: Position = { check: 0, cursor: null, suspects: [], ripeAt: null }

const Look = Schema.Struct({ repair: Schema.Boolean, position: Position, findings: Schema.Array(Finding) })
export type Look = typeof Look.Type

/** Reports of a tenant that are kept. */
const kept = 50

/** Tenants in which a look is begun at a time. */
const atOnce = 200

const Counted = Schema.Struct({ kind: DriftKind, found: Schema.Int, mended: Schema.Int })

/** Looks for drift, one tenant each: an open one has a job that goes on where it stands. */
export class ReconciliationsRepo extends Context.Service<ReconciliationsRepo, {
  /** Begins a look, unless one is open: answers that one. Part of the caller's transaction. */
  readonly begin: (tenantId: TenantId, wish: {
    readonly repair: boolean
    /** `null`: it is time. */
    readonly askedBy: Actor | null
  }) => Effect.Effect<DriftReport>
  /** Tenants without an open look in which none has begun for so long; not more than some at a time. */
  readonly due: (interval: Duration.Duration) => Effect.Effect<ReadonlyArray<TenantId>>
  readonly find: (tenantId: TenantId, id: ReconciliationId) => Effect.Effect<Option.Option<Look>>
  readonly save: (tenantId: TenantId, id: ReconciliationId, look: Omit<Look, "repair">) => Effect.Effect<void>
  /** Also lets go of the oldest reports of the tenant. */
  readonly finish: (tenantId: TenantId, id: ReconciliationId, findings: ReadonlyArray<Finding>) => Effect.Effect<void>
  /** `None` for a cursor that is not of this list. */
  readonly list: (tenantId: TenantId, options: PageOptions) => Effect.Effect<
    Option.Option<{ readonly items: ReadonlyArray<DriftReport>; readonly next?: PageCursor }>
  >
  readonly summaries: (options: PageOptions) => Effect.Effect<
    Option.Option<{ readonly items: ReadonlyArray<DriftSummary>; readonly next?: PageCursor }>
  >
  /** What the last looks of all tenants have found, added up, and for how many seconds the oldest of them is over. */
  readonly drift: Effect.Effect<{
    readonly kinds: ReadonlyArray<typeof Counted.Type>
    readonly oldestSeconds: number
  }>
}>()("@sheaf/adapters/repos/upkeep/ReconciliationsRepo") {
  static readonly layer = Layer.effect(
    ReconciliationsRepo,
    Effect.gen(function*() {
      const jobs = yield* JobsRepo
      const sql = yield* SqlClient.SqlClient

      const ReportRow = Schema.Struct({
        ...DriftReport.fields,
        createdAt: Schema.Date,
        finishedAt: Schema.NullOr(Schema.Date)
      })
      const columns = sql`r.id, r.repair, r.findings, r.created_at, r.finished_at`
      const report = maybeRow(ReportRow)
      const reports = rows(ReportRow)

      const begin: ReconciliationsRepo["Service"]["begin"] = Effect.fn("ReconciliationsRepo.begin")(
        function*(tenantId, { askedBy, repair }) {
          const id = yield* newId(ReconciliationId)
          const actor = askedBy === null
            ? null
            : json(yield* Effect.orDie(Schema.encodeEffect(Actor)(askedBy)))
          // Who only wanted to look and now wants it mended gets that, if it is not over.
          const begun = yield* report(sql`insert into reconciliations as r (tenant_id, id, repair, asked_by, position)
            values (${tenantId}, ${id}, ${repair}, ${actor}::jsonb, ${json(beginning)}::jsonb)
            on conflict (tenant_id) where finished_at is null do update set repair = r.repair or excluded.repair
            returning ${columns}`)
          const row = yield* Effect.orDie(Effect.fromOption(begun))
          if (row.id === id) {
            yield* jobs.enqueue(tenantId, [{
              id: JobId.make(derivedId("reconcile", id)),
              lane: askedBy === null ? "bulk" : "interactive",
              job: { _tag: "Reconcile", version: 1, reconciliationId: id }
            }])
          }
          return new DriftReport(row)
        }
      )

      const tenants = rows(Schema.Struct({ id: TenantId }))
      const due: ReconciliationsRepo["Service"]["due"] = (interval) =>
        Effect.map(
          tenants(sql`select t.id from tenants t where not exists (
              select 1 from reconciliations r where r.tenant_id = t.id and (r.finished_at is null
                or r.created_at > now() - make_interval(secs => ${Duration.toSeconds(interval)})))
            order by t.id limit ${atOnce}`),
          (found) => found.map(({ id }) => id)
        )

      const look = maybeRow(Look)
      const find: ReconciliationsRepo["Service"]["find"] = (tenantId, id) =>
        look(sql`select repair, position, findings from reconciliations
          where tenant_id = ${tenantId} and id = ${id} and finished_at is null`)

      const save: ReconciliationsRepo["Service"]["save"] = (tenantId, id, { findings, position }) =>
        done(sql`update reconciliations set position = ${json(position)}::jsonb, findings = ${json(findings)}::jsonb
          where tenant_id = ${tenantId} and id = ${id} and finished_at is null`)

      const finish: ReconciliationsRepo["Service"]["finish"] = Effect.fn("ReconciliationsRepo.finish")(
        function*(tenantId, id, findings) {
          yield* done(sql`update reconciliations set findings = ${json(findings)}::jsonb, finished_at = now(),
              position = ${json(beginning)}::jsonb
            where tenant_id = ${tenantId} and id = ${id} and finished_at is null`)
          yield* done(sql`delete from reconciliations where tenant_id = ${tenantId} and id = any(array(
            select id from reconciliations where tenant_id = ${tenantId} and finished_at is not null
            order by finished_at desc offset ${kept} limit 500))`)
        }
      )

      const ReportPosition = Schema.Tuple([CursorInstant, ReconciliationId])
      const instants = rows(Schema.Struct({ at: Schema.String }))
      const list: ReconciliationsRepo["Service"]["list"] = Effect.fn("ReconciliationsRepo.list")(
        function*(tenantId, options) {
          const limit = options.limit ?? 50
          const after = decodeCursor(ReportPosition, options.cursor)
          if (Option.isNone(after)) return Option.none()
          const page = yield* reports(
            sql`select ${columns} from reconciliations r where r.tenant_id = ${tenantId} ${
              after.value === undefined
                ? sql``
                : sql`and (r.created_at, r.id) < (${after.value[0]}::timestamptz, ${after.value[1]}::uuid)`
            } order by r.created_at desc, r.id desc limit ${limit + 1}`
          )
          const items = page.slice(0, limit).map((row) => new DriftReport(row))
          const last = items.at(-1)
          if (page.length <= limit || last === undefined) return Option.some({ items })
          const [at] = yield* instants(sql`select created_at::text as at from reconciliations
            where tenant_id = ${tenantId} and id = ${last.id}`)
          return Option.some({ items, next: encodeCursor(ReportPosition, [at!.at, last.id]) })
        }
      )

      const summaryRows = rows(Schema.Struct({
        tenantId: TenantId,
        name: DriftSummary.fields.name,
        looking: Schema.Boolean,
        last: Schema.NullOr(DriftReport)
      }))
      const summaries: ReconciliationsRepo["Service"]["summaries"] = Effect.fn("ReconciliationsRepo.summaries")(
        function*(options) {
          const limit = options.limit ?? 50
          const after = decodeCursor(CursorText, options.cursor)
          if (Option.isNone(after)) return Option.none()
          const page = yield* summaryRows(sql`select t.id as tenant_id, t.name,
              exists (select 1 from reconciliations o where o.tenant_id = t.id and o.finished_at is null) as looking,
              case when r.id is null then null else jsonb_build_object('id', r.id, 'repair', r.repair,
                'findings', r.findings, 'createdAt', r.created_at, 'finishedAt', r.finished_at) end as last
            from tenants t left join lateral (select * from reconciliations l where l.tenant_id = t.id
              and l.finished_at is not null order by l.finished_at desc limit 1) r on true
            where t.name > ${after.value ?? ""} order by t.name limit ${limit + 1}`)
          const items = page.slice(0, limit)
          const last = items.at(-1)
          return Option.some({
            items,
            ...(page.length > limit && last !== undefined && { next: encodeCursor(CursorText, last.name) })
          })
        }
      )

      const drifts = rows(Counted)
      const ages = rows(Schema.Struct({ seconds: Schema.Finite }))
      const newest = sql`tenants t cross join lateral (select findings, finished_at from reconciliations l
        where l.tenant_id = t.id and l.finished_at is not null order by l.finished_at desc limit 1) r`
      const drift: ReconciliationsRepo["Service"]["drift"] = Effect.gen(function*() {
        const kinds = yield* drifts(sql`select f.kind, sum(f.found)::int as found, sum(f.mended)::int as mended
          from ${newest} cross join jsonb_to_recordset(r.findings) as f(kind text, found int, mended int)
          group by f.kind order by f.kind`)
        const [age] = yield* ages(
          sql`select coalesce(max(extract(epoch from now() - r.finished_at)), 0)::float8 as seconds
          from ${newest}`
        )
        return { kinds, oldestSeconds: age?.seconds ?? 0 }
      })

      return ReconciliationsRepo.of({ begin, due, find, save, finish, list, summaries, drift })
    })
  )
}
