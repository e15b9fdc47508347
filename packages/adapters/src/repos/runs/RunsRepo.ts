import type { FailureCause } from "@sheaf/domain/documents/FailureCause"
import type { RowField } from "@sheaf/domain/documents/ListsRpcs"
import { Metadata } from "@sheaf/domain/documents/Metadata"
import { DatasetId, DocumentId, RunId, type TenantId, WorkUnitId } from "@sheaf/domain/ids"
import { stateOf } from "@sheaf/domain/runs/progress"
import { type Dependency, isFinal, Run, RunState, type Stage, StageProgress } from "@sheaf/domain/runs/Run"
import { Context, Effect, Layer, Option, Schema } from "effect"
import { SqlClient, type Statement } from "effect/sql"
import { Signals } from "../../signals/Signals.ts"
import { done, json, maybeRow, rows } from "../rows.ts"
import { RunConfig } from "./RunConfig.ts"

/** The smallest retryable piece of a run. `weight` is its share of the stage's progress (pages, segments). */
export interface NewUnit {
  readonly id: WorkUnitId
  readonly stage: Stage
  readonly ordinal: number
  readonly weight: number
  readonly spec: unknown
}

const Unit = Schema.Struct({
  id: WorkUnitId,
  ordinal: Schema.Int,
  weight: Schema.Int,
  spec: Schema.Unknown,
  state: Schema.Literals(["pending", "done", "failed", "cancelled"]),
  artefact: Schema.NullOr(Schema.String)
})
export type Unit = typeof Unit.Type

/** What a stage needs to know of the run it works for. */
const RunContext = Schema.Struct({
  runId: RunId,
  documentId: DocumentId,
  datasetId: DatasetId,
  state: RunState,
  config: RunConfig,
  name: Schema.String,
  mediaType: Schema.NullOr(Schema.String),
  declaredType: Schema.NullOr(Schema.String),
  contentHash: Schema.String,
  /** Which bytes of the document; `null`: those that it began with. */
  contentId: Schema.NullOr(DocumentId),
  pages: Schema.Int,
  createdAt: Schema.Date,
  metadata: Metadata,
  /** Of the document, neither disabled nor archived: its segments may have entries in the index. */
  effective: Schema.Boolean,
  /** Grows with every change of the document that concerns the index. */
  generation: Schema.Int
})
export type RunContext = typeof RunContext.Type

/** Runs and their work units. State follows from the units (`stateOf`); only the final states are written by themselves. */
export class RunsRepo extends Context.Service<RunsRepo, {
  readonly context: (tenantId: TenantId, runId: RunId) => Effect.Effect<Option.Option<RunContext>>
  /** The run that a unit is part of, and the unit. */
  readonly work: (
    tenantId: TenantId,
    unitId: WorkUnitId
  ) => Effect.Effect<Option.Option<{ readonly run: RunContext; readonly unit: Unit }>>
  /** In the order of their ordinals. */
  readonly units: (tenantId: TenantId, runId: RunId, stage: Stage) => Effect.Effect<ReadonlyArray<Unit>>
  /** Answers the ones that were new: planning twice plans once. */
  readonly plan: (
    tenantId: TenantId,
    runId: RunId,
    units: ReadonlyArray<NewUnit>
  ) => Effect.Effect<ReadonlyArray<WorkUnitId>>
  /**
   * Marks a unit done and brings the run's state up to date. Answers whether that was the stage's last open unit: of units that end at
   * the same time exactly one is told so, because a fence holds the run (`JobsRepo.fence`).
   */
  readonly completeUnit: (tenantId: TenantId, runId: RunId, unit: {
    readonly id: WorkUnitId
    readonly stage: Stage
    readonly artefact?: string
    readonly warnings?: ReadonlyArray<string>
    readonly elapsedMs: number
  }) => Effect.Effect<{ readonly stageDone: boolean }>
  /** Fixes what a unit is about, once that is known. */
  readonly settleUnit: (
    tenantId: TenantId,
    unitId: WorkUnitId,
    unit: { readonly weight: number; readonly spec: unknown }
  ) => Effect.Effect<void>
  /** Which fields its segments have, and of which type each is. */
  readonly setFields: (
    tenantId: TenantId,
    runId: RunId,
    fields: Readonly<Record<string, RowField["type"]>>
  ) => Effect.Effect<void>
  readonly setPages: (tenantId: TenantId, runId: RunId, pages: number) => Effect.Effect<void>
  /** What the run waits for, or `null`; no change, no new revision. */
  readonly setWaiting: (tenantId: TenantId, runId: RunId, dependency: Dependency | null) => Effect.Effect<void>
  /** Compare-and-set into a final state; `false` when the run is final already. */
  readonly end: (
    tenantId: TenantId,
    runId: RunId,
    state: "published" | "failed" | "cancelled",
    cause?: FailureCause
  ) => Effect.Effect<boolean>
  /** Ends whatever run of a document has not ended, as cancelled. */
  readonly cancelDocument: (tenantId: TenantId, documentId: DocumentId) => Effect.Effect<ReadonlyArray<RunId>>
  readonly ofDocument: (tenantId: TenantId, documentId: DocumentId) => Effect.Effect<ReadonlyArray<Run>>
}>()("@sheaf/adapters/repos/runs/RunsRepo") {
  static readonly layer = Layer.effect(
    RunsRepo,
    Effect.gen(function*() {
      const sql = yield* SqlClient.SqlClient
      const signals = yield* Signals

      const contextColumns = sql`r.id as run_id, r.document_id, r.dataset_id, r.state, r.config, d.name, d.media_type,
        d.declared_type, d.content_hash, d.content_id, r.pages, d.created_at, d.metadata,
        d.enabled and not d.archived as effective, d.generation`
      const runsOfDocuments = sql`runs r join documents d on d.tenant_id = r.tenant_id and d.id = r.document_id`
      const contexts = maybeRow(RunContext)
      const context: RunsRepo["Service"]["context"] = (tenantId, runId) =>
        contexts(
          sql`select ${contextColumns} from ${runsOfDocuments} where r.tenant_id = ${tenantId} and r.id = ${runId}`
        )

      const maybeWork = maybeRow(Schema.Struct({ ...RunContext.fields, unit: Unit }))
      const work: RunsRepo["Service"]["work"] = (tenantId, unitId) =>
        Effect.map(
          maybeWork(
            sql`select ${contextColumns}, jsonb_build_object('id', u.id, 'ordinal', u.ordinal, 'weight', u.weight,
              'spec', u.spec, 'state', u.state, 'artefact', u.artefact) as unit
            from ${runsOfDocuments} join work_units u on u.tenant_id = r.tenant_id and u.run_id = r.id
            where u.tenant_id = ${tenantId} and u.id = ${unitId}`
          ),
          Option.map(({ unit, ...run }) => ({ run, unit }))
        )

      const unitColumns = sql`id, ordinal, weight, spec, state, artefact`
      const manyUnits = rows(Unit)
      const units: RunsRepo["Service"]["units"] = (tenantId, runId, stage) =>
        manyUnits(sql`select ${unitColumns} from work_units
          where tenant_id = ${tenantId} and run_id = ${runId} and stage = ${stage} order by ordinal`)

      const planned = rows(Schema.Struct({ id: WorkUnitId }))
      const plan: RunsRepo["Service"]["plan"] = Effect.fn("RunsRepo.plan")(function*(tenantId, runId, newUnits) {
        if (newUnits.length === 0) return []
        const inserted = yield* planned(sql`
          insert into work_units (tenant_id, run_id, id, stage, ordinal, weight, spec)
          select ${tenantId}::uuid, ${runId}::uuid, x.id, x.stage, x.ordinal, x.weight, x.spec
          from jsonb_to_recordset(${json(newUnits)}::jsonb)
            as x(id uuid, stage text, ordinal int, weight int, spec jsonb)
          on conflict (tenant_id, run_id, stage, ordinal) do nothing returning id`)
        return inserted.map((row) => row.id)
      })

      const changed = (tenantId: TenantId, documentId: DocumentId, runId: RunId) =>
        sql.afterCommit(signals.send({ _tag: "RunChanged", tenantId, documentId, runId }))

      /** Whoever works for the run is to look now, not at its next heartbeat. */
      const stopped = (runId: RunId) => sql.afterCommit(signals.send({ _tag: "RunControl", runId }))

      const completed = maybeRow(
        Schema.Struct({ state: RunState, documentId: DocumentId, progress: Schema.Array(StageProgress) })
      )
      const completeUnit: RunsRepo["Service"]["completeUnit"] = Effect.fn("RunsRepo.completeUnit")(
        function*(tenantId, runId, finished) {
          const { artefact = null, elapsedMs, id, stage, warnings = [] } = finished
          const ofRun = sql`u.tenant_id = ${tenantId} and u.run_id = ${runId}`
          // A statement does not see what it changes: the unit counts as done in the same look.
          const run = yield* completed(sql`
            with run as materialized (
              select state, document_id from runs where tenant_id = ${tenantId} and id = ${runId} for update
            ), unit as (
              update work_units set state = 'done', finished_at = now(), artefact = ${artefact},
                warnings = ${json(warnings)}::jsonb, elapsed_ms = elapsed_ms + ${elapsedMs}::float8
              where tenant_id = ${tenantId} and id = ${id} and state = 'pending'
                and (select state from run) not in ('published', 'failed', 'cancelled')
            )
            select state, document_id, ${
            progressOf(sql, ofRun, sql`u.state = 'done' or u.state = 'pending' and u.id = ${id}`)
          } as progress from run`)
          if (Option.isNone(run) || isFinal(run.value.state)) return { stageDone: false }
          const { documentId, progress } = run.value
          yield* done(sql`update runs set revision = revision + 1, waiting_for = null,
              elapsed_ms = elapsed_ms + ${elapsedMs}::float8,
              since = case when state = ${stateOf(progress)} then since else now() end,
              state = ${stateOf(progress)}, started_at = coalesce(started_at, now())
            where tenant_id = ${tenantId} and id = ${runId}`)
          yield* changed(tenantId, documentId, runId)
          const own = progress.find((candidate) => candidate.stage === stage)
          return { stageDone: own !== undefined && own.done === own.total }
        }
      )

      const settleUnit: RunsRepo["Service"]["settleUnit"] = (tenantId, unitId, { spec, weight }) =>
        done(sql`update work_units set weight = ${weight}, spec = ${json(spec)}::jsonb
          where tenant_id = ${tenantId} and id = ${unitId} and state = 'pending'`)

      const setPages: RunsRepo["Service"]["setPages"] = (tenantId, runId, pages) =>
        done(sql`update runs set pages = ${pages} where tenant_id = ${tenantId} and id = ${runId}`)

      const setFields: RunsRepo["Service"]["setFields"] = (tenantId, runId, fields) =>
        done(sql`update runs set fields = ${json(fields)}::jsonb where tenant_id = ${tenantId} and id = ${runId}`)

      const waitingRow = maybeRow(Schema.Struct({ documentId: DocumentId }))
      const setWaiting: RunsRepo["Service"]["setWaiting"] = (tenantId, runId, dependency) =>
        waitingRow(sql`update runs set waiting_for = ${dependency}, revision = revision + 1, since = now()
          where tenant_id = ${tenantId} and id = ${runId} and waiting_for is distinct from ${dependency}
            and state not in ('published', 'failed', 'cancelled') returning document_id`).pipe(
          Effect.flatMap(Option.match({
            onNone: () => Effect.void,
            onSome: ({ documentId }) => changed(tenantId, documentId, runId)
          }))
        )

      const end: RunsRepo["Service"]["end"] = (tenantId, runId, state, cause) =>
        waitingRow(sql`update runs set state = ${state}, waiting_for = null, paused = false, revision = revision + 1,
            cause = ${cause === undefined ? null : json(cause)}::jsonb, since = now(), finished_at = now()
          where tenant_id = ${tenantId} and id = ${runId} and state not in ('published', 'failed', 'cancelled')
          returning document_id`).pipe(
          Effect.flatMap(Option.match({
            onNone: () => Effect.succeed(false),
            onSome: ({ documentId }) =>
              changed(tenantId, documentId, runId).pipe(
                Effect.andThen(state === "cancelled" ? stopped(runId) : Effect.void),
                Effect.as(true)
              )
          }))
        )

      const cancelled = rows(Schema.Struct({ id: RunId, documentId: DocumentId }))
      const cancelDocument: RunsRepo["Service"]["cancelDocument"] = (tenantId, documentId) =>
        cancelled(sql`update runs set state = 'cancelled', waiting_for = null, paused = false, revision = revision + 1,
            since = now(), finished_at = now()
          where tenant_id = ${tenantId} and document_id = ${documentId} and state not in ('published', 'failed', 'cancelled')
          returning id, document_id`).pipe(
          Effect.flatMap(
            Effect.forEach(({ id }) =>
              Effect.andThen(changed(tenantId, documentId, id), stopped(id)).pipe(Effect.as(id))
            )
          )
        )

      const runRows = rows(Schema.Struct({ run: Run }))
      const ofDocument: RunsRepo["Service"]["ofDocument"] = (tenantId, documentId) =>
        Effect.map(
          runRows(sql`select ${runJson(sql)} as run from runs r
            where r.tenant_id = ${tenantId} and r.document_id = ${documentId} order by r.number desc limit 100`),
          (found) => found.map((row) => row.run)
        )

      return RunsRepo.of({
        context,
        work,
        units,
        plan,
        completeUnit,
        settleUnit,
        setFields,
        setPages,
        setWaiting,
        end,
        cancelDocument,
        ofDocument
      })
    })
  )
}

/** Done and owed weight per stage, in the order of the stages, over the work units (alias `u`) of one run. */
const progressOf = (
  sql: SqlClient.SqlClient,
  ofRun: Statement.Fragment,
  isDone: Statement.Fragment
) =>
  sql`(select coalesce(jsonb_agg(jsonb_build_object('stage', stage, 'done', done, 'total', total) order by place), '[]')
    from (select stage, sum(weight)::int as total, coalesce(sum(weight) filter (where ${isDone}), 0)::int as done,
        array_position(array['parse', 'clean', 'chunk', 'embed', 'index', 'publish'], stage) as place
      from work_units u where ${ofRun} group by stage) stages)`

/** The work of a run (alias `r`): `progress` and `timings` as `Run` has them, in one pass over its units. */
export const workOf = (sql: SqlClient.SqlClient): Statement.Fragment =>
  sql`(select jsonb_build_object('timings', coalesce(jsonb_object_agg(stage, ms), '{}'), 'progress',
      coalesce(jsonb_agg(jsonb_build_object('stage', stage, 'done', done, 'total', total) order by place), '[]'))
    from (select stage, sum(weight)::int as total, coalesce(sum(weight) filter (where u.state = 'done'), 0)::int as done,
        sum(elapsed_ms) as ms, array_position(array['parse', 'clean', 'chunk', 'embed', 'index', 'publish'], stage) as place
      from work_units u where u.tenant_id = r.tenant_id and u.run_id = r.id group by stage) stages)`

/** A run (alias `r`) in the form in which `Run` travels. */
export const runJson = (sql: SqlClient.SqlClient): Statement.Fragment =>
  sql`jsonb_build_object('id', r.id, 'documentId', r.document_id, 'number', r.number, 'state', r.state,
    'paused', r.paused, 'waitingFor', r.waiting_for, 'cause', r.cause, 'revision', r.revision,
    'conflicts', coalesce(r.conflicts, '[]'), 'createdAt', r.created_at, 'startedAt', r.started_at,
    'finishedAt', r.finished_at) || ${workOf(sql)}`
