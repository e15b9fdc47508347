import {
  type ConnectionId,
  type DatasetId,
  type DocumentId,
  type ImportId,
  JobId,
  MailId,
  type OperationId,
  type RunId,
  type SyncId,
  type TenantId
} from "@sheaf/domain/ids"
import { EventKind } from "@sheaf/domain/notifications/kinds"
import { Context, Duration, Effect, Layer, type Option, Schema } from "effect"
import { SqlClient } from "effect/sql"
import { JobsRepo } from "../jobs/JobsRepo.ts"
import { done, expiryPage, json, maybeRow, rows } from "../rows.ts"

/** How long it is known what was mailed. */
const retention = "30 days"

/** Lines of a mail: of what happens beyond them it says how often it did. */
export const linesKept = 20

/** What is to be told to an address. */
export interface News {
  /** Of the mail, if there is none yet that tells of the topic. */
  readonly id: MailId
  readonly address: string
  readonly topic: string
  readonly datasetId: DatasetId | null
  readonly counts: Readonly<Record<string, number>>
  readonly lines: ReadonlyArray<string>
}

const OwedMail = Schema.Struct({
  id: MailId,
  address: Schema.String,
  counts: Schema.Record(EventKind, Schema.optionalKey(Schema.Int)),
  lines: Schema.Array(Schema.String),
  dataset: Schema.NullOr(Schema.String),
  state: Schema.Literals(["gathering", "sending"]),
  tries: Schema.Int,
  waitMs: Schema.Int,
  /** Since something was added, and since it was begun. */
  restMs: Schema.Finite,
  ageMs: Schema.Finite,
  /** Work that may have more to tell is not over. */
  isAtWork: Schema.Boolean
})
/** A mail that is not sent, as it stands. */
export type OwedMail = typeof OwedMail.Type

export interface Subjects {
  readonly documentIds: ReadonlyArray<DocumentId>
  readonly runIds: ReadonlyArray<RunId>
  readonly operationIds: ReadonlyArray<OperationId>
  readonly importIds: ReadonlyArray<ImportId>
  readonly syncIds: ReadonlyArray<SyncId>
  readonly connectionIds: ReadonlyArray<ConnectionId>
}

/** What is known of the things that events are about, by their ids. */
export interface Known {
  readonly names: ReadonlyMap<string, string>
  /** Of whoever began a run, an operation, an import or a sync, or made a connection. */
  readonly addresses: ReadonlyMap<string, string>
}

/** Mails on their way to people. Each is a row, and a job under the same id as long as it is not over. */
export class MailsRepo extends Context.Service<MailsRepo, {
  readonly known: (tenantId: TenantId, subjects: Subjects) => Effect.Effect<Known>
  /** Adds to the mails that are being gathered, or begins them. Part of the caller's transaction. */
  readonly gather: (tenantId: TenantId, news: ReadonlyArray<News>) => Effect.Effect<void>
  readonly owed: (tenantId: TenantId, mailId: MailId) => Effect.Effect<Option.Option<OwedMail>>
  /** Nothing is added to it any more. Within a fenced transaction. */
  readonly close: (tenantId: TenantId, mailId: MailId) => Effect.Effect<void>
  readonly sent: (tenantId: TenantId, mailId: MailId) => Effect.Effect<void>
  /** Without a delay for good. Within a fenced transaction. */
  readonly failed: (
    tenantId: TenantId,
    mailId: MailId,
    problem: string,
    delay?: Duration.Duration
  ) => Effect.Effect<void>
  /** Removes what is past its retention, a page of rows at a time. Less than a page is the last one. */
  readonly expire: Effect.Effect<number>
}>()("@sheaf/adapters/repos/notifications/MailsRepo") {
  static readonly layer = Layer.effect(
    MailsRepo,
    Effect.gen(function*() {
      const sql = yield* SqlClient.SqlClient
      const jobs = yield* JobsRepo

      const facts = rows(Schema.Struct({ id: Schema.String, fact: Schema.String }))
      const mapOf = (found: ReadonlyArray<{ readonly id: string; readonly fact: string }>) =>
        new Map(found.map(({ fact, id }) => [id, fact]))
      const known: MailsRepo["Service"]["known"] = Effect.fn("MailsRepo.known")(
        function*(tenantId, { connectionIds, documentIds, importIds, operationIds, runIds, syncIds }) {
          const names = yield* facts(sql`select id::text, name as fact from documents
            where tenant_id = ${tenantId} and id = any(${[...documentIds]}::uuid[])`)
          // Tables of what people begin or make, and what becomes of it they are told.
          const begun = [
            ["runs", runIds],
            ["operations", operationIds],
            ["imports", importIds],
            ["syncs", syncIds],
            ["connections", connectionIds]
          ] as const
          const email = sql`created_by -> 'onBehalfOf' ->> 'email'`
          const found = yield* Effect.forEach(
            begun.filter(([, ids]) => ids.length > 0),
            ([table, ids]) =>
              facts(sql`select id::text, ${email} as fact from ${sql(table)}
                where tenant_id = ${tenantId} and id = any(${[...ids]}::uuid[]) and ${email} is not null`)
          )
          const addresses = found.flat()
          return { names: mapOf(names), addresses: mapOf(addresses) }
        }
      )

      const begun = rows(Schema.Struct({ id: MailId }))
      const gather: MailsRepo["Service"]["gather"] = Effect.fn("MailsRepo.gather")(function*(tenantId, news) {
        if (news.length === 0) return
        const found = yield* begun(sql`insert into mails as m
            (tenant_id, id, address, topic, dataset_id, counts, lines, next_at)
          select ${tenantId}::uuid, x.id, x.address, x.topic, x."datasetId", x.counts, x.lines, now()
          from jsonb_to_recordset(${json(news)}::jsonb)
            as x(id uuid, address text, topic text, "datasetId" uuid, counts jsonb, lines jsonb)
          on conflict (tenant_id, address, topic) where state = 'gathering' do update set
            changed_at = now(),
            counts = (select jsonb_object_agg(key, sum) from (
              select key, sum(value::int) as sum from (
                select * from jsonb_each_text(m.counts) union all select * from jsonb_each_text(excluded.counts)
              ) both_of group by key) added),
            lines = (select coalesce(jsonb_agg(line order by place), '[]') from (
              select line, place from jsonb_array_elements(m.lines || excluded.lines)
                with ordinality as all_of(line, place) order by place limit ${linesKept}) first)
          returning id`)
        yield* jobs.enqueue(
          tenantId,
          found.map(({ id }) => ({
            id: JobId.make(id),
            lane: "bulk",
            job: { _tag: "SendMail", version: 1, mailId: id }
          }))
        )
      })

      const one = maybeRow(OwedMail)
      const owed: MailsRepo["Service"]["owed"] = (tenantId, mailId) =>
        one(sql`select m.id, m.address, m.counts, m.lines, m.state, m.tries,
            (select name from datasets d where d.tenant_id = m.tenant_id and d.id = m.dataset_id) as dataset,
            ceil(greatest(0, extract(epoch from m.next_at - now()) * 1000))::int as wait_ms,
            (extract(epoch from now() - m.changed_at) * 1000)::float8 as rest_ms,
            (extract(epoch from now() - m.created_at) * 1000)::float8 as age_ms,
            m.dataset_id is not null and exists (select 1 from jobs j join runs r
              on r.tenant_id = j.tenant_id and r.id = j.run_id
              where j.tenant_id = m.tenant_id and j.state in ('ready', 'leased') and j.stage <> 'PurgeRun'
                and r.dataset_id = m.dataset_id) as is_at_work
          from mails m where m.tenant_id = ${tenantId} and m.id = ${mailId} and m.state in ('gathering', 'sending')`)

      return MailsRepo.of({
        known,
        gather,
        owed,
        close: (tenantId, id) =>
          done(sql`update mails set state = 'sending' where tenant_id = ${tenantId} and id = ${id}
            and state = 'gathering'`),
        sent: (tenantId, id) =>
          done(sql`update mails set state = 'sent', tries = tries + 1, next_at = null, problem = null,
              finished_at = now()
            where tenant_id = ${tenantId} and id = ${id}`),
        failed: (tenantId, id, problem, delay) =>
          done(
            delay === undefined
              ? sql`update mails set state = 'failed', tries = tries + 1, next_at = null, problem = ${problem},
                  finished_at = now() where tenant_id = ${tenantId} and id = ${id}`
              : sql`update mails set tries = tries + 1, problem = ${problem},
                  next_at = now() + make_interval(secs => ${Duration.toSeconds(delay)})
                where tenant_id = ${tenantId} and id = ${id}`
          ),
        expire: Effect.map(
          begun(sql`delete from mails where ctid = any(array(select ctid from mails
            where finished_at < now() - ${retention}::interval limit ${expiryPage})) returning id`),
          (gone) => gone.length
        )
      })
    })
  )
}
