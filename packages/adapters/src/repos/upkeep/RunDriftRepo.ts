import { DatasetId, DocumentId, JobId, LeaseToken, RunId, type TenantId, WorkUnitId } from "@sheaf/domain/ids"
import { type Job, Lane } from "@sheaf/domain/jobs/Job"
import type { Stage } from "@sheaf/domain/runs/Run"
import { Context, Effect, Layer, Option, Schema } from "effect"
import { SqlClient } from "effect/sql"
import type { NewJob } from "../jobs/JobsRepo.ts"
import { maybeRow, rows } from "../rows.ts"

/** Runs looked through at a time. */
const window = 500

const Lease = Schema.Struct({ id: JobId, token: LeaseToken })

/** The end of a run, as the log of events tells it. */
const End = Schema.Struct({ runId: Schema.String, tag: Schema.String })

interface Page<A> {
  readonly found: ReadonlyArray<A>
  /** Where to go on; `null` at the end. */
  readonly next: string | null
}

const Unit = Schema.Struct({
  id: WorkUnitId,
  stage: Schema.Literals(["parse", "clean", "chunk", "embed", "index", "publish"]),
  runId: RunId,
  documentId: DocumentId,
  datasetId: DatasetId,
  lane: Lane
})

/** The stage that works on units of a kind. */
const tagOf = {
  parse: "ParsePages",
  clean: "CleanElements",
  chunk: "ChunkDocument",
  embed: "EmbedSegments",
  index: "IndexSegments",
  publish: "PublishRun"
} as const satisfies Record<Stage, Job["_tag"]>

/**
 * Runs that are not over, for which nobody owes what has to be done. The methods that answer about one thing lock its run, and so are
 * right about it until the end of the caller's transaction: whoever plans or ends work holds the run.
 */
export class RunDriftRepo extends Context.Service<RunDriftRepo, {
  /** Jobs of the tenant whose lease ran out a while ago. */
  readonly expiredLeases: (tenantId: TenantId) => Effect.Effect<ReadonlyArray<typeof Lease.Type>>
  /** Makes such a job due again, as the reaper would have; `false` where it is not so any more. */
  readonly free: (tenantId: TenantId, lease: typeof Lease.Type) => Effect.Effect<boolean>
  readonly isExpired: (tenantId: TenantId, lease: typeof Lease.Type) => Effect.Effect<boolean>
  /** Units that wait for nobody's work, of the runs after that one. */
  readonly unitsWithoutJob: (tenantId: TenantId, after: string | null) => Effect.Effect<Page<WorkUnitId>>
  /** The job that such a unit lacks. */
  readonly lacking: (tenantId: TenantId, unitId: WorkUnitId) => Effect.Effect<Option.Option<NewJob>>
  /** Runs that are not over and have neither an open unit nor a job. */
  readonly idleRuns: (tenantId: TenantId, after: string | null) => Effect.Effect<Page<RunId>>
  readonly isIdle: (tenantId: TenantId, runId: RunId) => Effect.Effect<Option.Option<DocumentId>>
  /** Ends of runs that were told more than once, of the runs after that one. */
  readonly toldTwice: (tenantId: TenantId, after: string | null) => Effect.Effect<Page<typeof End.Type>>
  /** How often such an end is still told more than once. */
  readonly tooMany: (tenantId: TenantId, end: typeof End.Type) => Effect.Effect<number>
  /** Leaves the first: nobody can take back what was read, but nobody else has to read it again. Answers how many went. */
  readonly untell: (tenantId: TenantId, end: typeof End.Type) => Effect.Effect<number>
}>()("@sheaf/adapters/repos/upkeep/RunDriftRepo") {
  static readonly layer = Layer.effect(
    RunDriftRepo,
    Effect.gen(function*() {
      const sql = yield* SqlClient.SqlClient

      const leases = rows(Lease)
      const one = (tenantId: TenantId, { id, token }: typeof Lease.Type) =>
        sql`tenant_id = ${tenantId} and id = ${id} and lease_token = ${token} and state = 'leased'
          and lease_expires_at < now()`
      const lease = maybeRow(Lease)
      const held = sql`id, lease_token as token`
      const token = sql`state = 'ready', lease_token = null, lease_holder = null, lease_expires_at = null,
        losses = losses + 1, epoch = epoch + 1`

      const ids = rows(Schema.Struct({ id: RunId }))
      /** The next runs, whatever they do, and those of them that are not over: no page takes long for what it does not find. */
      const pageOf = <A>(
        tenantId: TenantId,
        after: string | null,
        look: (runs: ReadonlyArray<RunId>) => Effect.Effect<ReadonlyArray<A>>
      ): Effect.Effect<Page<A>> =>
        Effect.gen(function*() {
          const runs = yield* ids(sql`select id from runs where tenant_id = ${tenantId}
            ${after === null ? sql`` : sql`and id > ${after}::uuid`} order by id limit ${window}`)
          const last = runs.at(-1)
          const found = last === undefined ? [] : yield* look(runs.map(({ id }) => id))
          return { found, next: runs.length < window || last === undefined ? null : last.id }
        })

      const noJob = sql`not exists (select 1 from jobs j where j.tenant_id = u.tenant_id and j.id = u.id)`
      // The unit that gives segments their vectors owes the one that indexes them, also when it is done once more.
      const noEmbedding = sql`(u.stage <> 'index' or not exists (select 1 from work_units e
          where e.tenant_id = u.tenant_id and e.id = (u.spec ->> 'embedUnit')::uuid and (e.state = 'pending' or exists (
            select 1 from jobs j where j.tenant_id = e.tenant_id and j.id = e.id))))`
      const atWork = sql`r.state not in ('published', 'failed', 'cancelled') and not r.paused`
      const stranded = sql`work_units u join runs r on r.tenant_id = u.tenant_id and r.id = u.run_id
        where u.state = 'pending' and ${atWork} and ${noJob} and ${noEmbedding}`

      const units = rows(Schema.Struct({ id: WorkUnitId }))
      const unitsWithoutJob: RunDriftRepo["Service"]["unitsWithoutJob"] = (tenantId, after) =>
        pageOf(tenantId, after, (runs) =>
          Effect.map(
            units(sql`select u.id from ${stranded} and u.tenant_id = ${tenantId} and u.run_id = any(${runs}::uuid[])
              limit 500`),
            (found) => found.map(({ id }) => id)
          ))

      const locked = maybeRow(Schema.Struct({ id: RunId }))
      const unit = maybeRow(Unit)
      const lacking: RunDriftRepo["Service"]["lacking"] = Effect.fn("RunDriftRepo.lacking")(
        function*(tenantId, unitId) {
          yield* locked(sql`select r.id from runs r join work_units u on u.tenant_id = r.tenant_id and u.run_id = r.id
            where u.tenant_id = ${tenantId} and u.id = ${unitId} for update of r`)
          // Looked at once the run is held.
          const found = yield* unit(sql`select u.id, u.stage, u.run_id, r.document_id, r.dataset_id,
              coalesce(r.config ->> 'lane', 'bulk') as lane
            from ${stranded} and u.tenant_id = ${tenantId} and u.id = ${unitId}`)
          return Option.map(found, ({ datasetId, documentId, id, lane, runId, stage }): NewJob => ({
            id: JobId.make(id),
            lane,
            job: { _tag: tagOf[stage], version: 1, datasetId, documentId, runId, unitId: id }
          }))
        }
      )

      const idle = sql`${atWork}
        and not exists (select 1 from work_units u where u.tenant_id = r.tenant_id and u.run_id = r.id
          and u.state = 'pending')
        and not exists (select 1 from jobs j where j.tenant_id = r.tenant_id and j.run_id = r.id
          and j.stage <> 'PurgeRun')`
      const idleRuns: RunDriftRepo["Service"]["idleRuns"] = (tenantId, after) =>
        pageOf(tenantId, after, (runs) =>
          Effect.map(
            ids(
              sql`select r.id from runs r where r.tenant_id = ${tenantId} and r.id = any(${runs}::uuid[]) and ${idle}`
            ),
            (found) => found.map(({ id }) => id)
          ))
      const idleRun = maybeRow(Schema.Struct({ documentId: DocumentId }))
      const isIdle: RunDriftRepo["Service"]["isIdle"] = Effect.fn("RunDriftRepo.isIdle")(function*(tenantId, runId) {
        yield* locked(sql`select id from runs where tenant_id = ${tenantId} and id = ${runId} for update`)
        const found = yield* idleRun(sql`select r.document_id from runs r
          where r.tenant_id = ${tenantId} and r.id = ${runId} and ${idle}`)
        return Option.map(found, ({ documentId }) => documentId)
      })

      // The index `events_ends` is of just this.
      const run = sql`(e.body ->> 'runId')`
      const tag = sql`(e.body ->> '_tag')`
      const isEnd = sql`${tag} in ('DocumentPublished', 'DocumentFailed', 'RunCancelled')`
      const told = rows(Schema.Struct({ ...End.fields, times: Schema.Int, looked: Schema.Int }))
      const toldTwice: RunDriftRepo["Service"]["toldTwice"] = Effect.fn("RunDriftRepo.toldTwice")(
        function*(tenantId, after) {
          // All of a run stand together: the last one of a page may go on, and is looked at as a whole.
          const some = yield* told(sql`with x as (select ${run} as run, ${tag} as tag from events e
              where e.tenant_id = ${tenantId} and ${isEnd} ${after === null ? sql`` : sql`and ${run} > ${after}`}
              order by ${run} limit ${window})
            select w.run as run_id, w.tag, (select count(*)::int from x) as looked, (select count(*)::int from events e
              where e.tenant_id = ${tenantId} and ${isEnd} and ${run} = w.run and ${tag} = w.tag) as times
            from (select distinct run, tag from x) w order by 1`)
          const last = some.at(-1)
          return {
            found: some.filter(({ times }) => times > 1).map(({ runId, tag }) => ({ runId, tag })),
            next: last === undefined || last.looked < window ? null : last.runId
          }
        }
      )
      const extra = (tenantId: TenantId, end: typeof End.Type) =>
        sql`select id from events e where e.tenant_id = ${tenantId} and ${isEnd} and ${run} = ${end.runId}
          and ${tag} = ${end.tag} order by e.number nulls last, e.created_at, e.id offset 1`
      const counted = rows(Schema.Struct({ count: Schema.Int }))

      return RunDriftRepo.of({
        toldTwice,
        tooMany: (tenantId, end) =>
          Effect.map(
            counted(sql`select count(*)::int as count from (${extra(tenantId, end)}) x`),
            ([row]) => row?.count ?? 0
          ),
        untell: (tenantId, end) =>
          Effect.map(
            counted(sql`with gone as (delete from events where tenant_id = ${tenantId}
              and id = any(array(${extra(tenantId, end)})) returning 1) select count(*)::int as count from gone`),
            ([row]) => row?.count ?? 0
          ),
        expiredLeases: (tenantId) =>
          leases(sql`select ${held} from jobs where tenant_id = ${tenantId} and state = 'leased'
            and lease_expires_at < now() - interval '30 seconds' limit 500`),
        free: (tenantId, which) =>
          Effect.map(
            lease(
              sql`update jobs set ${token} where ${one(tenantId, which)} returning id, ${which.token}::uuid as token`
            ),
            Option.isSome
          ),
        isExpired: (tenantId, which) =>
          Effect.map(lease(sql`select ${held} from jobs where ${one(tenantId, which)}`), Option.isSome),
        unitsWithoutJob,
        lacking,
        idleRuns,
        isIdle
      })
    })
  )
}
