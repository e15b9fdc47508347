import { Actor, type Caller } from "@sheaf/domain/edge/Caller"
import { DatasetId, type PageCursor, PipelineId, type TenantId } from "@sheaf/domain/ids"
import { Pipeline, PipelineDefinition } from "@sheaf/domain/pipelines/Pipeline"
import type { PipelineRef } from "@sheaf/domain/pipelines/PipelineChoice"
import { Context, Effect, Layer, Option, Schema } from "effect"
import { SqlClient } from "effect/sql"
import { type PageOptions, visibleDatasets } from "../datasets/DatasetsRepo.ts"
import { newId } from "../newId.ts"
import { CursorText, decodeCursor, encodeCursor } from "../pageCursor.ts"
import { done, json, maybeRow, oneRow, rows } from "../rows.ts"

const Row = Schema.Struct({ ...Pipeline.fields, createdAt: Schema.Date })

/** Who would be left without a pipeline. */
export interface Users {
  /** The first 20 by name that the caller may see. */
  readonly datasets: ReadonlyArray<{ readonly id: DatasetId; readonly name: string }>
  /** Of all, whether the caller may see them or not. */
  readonly datasetCount: number
  readonly documents: number
  readonly runs: number
}

/** A version as a run takes it. */
export interface Chosen {
  readonly id: PipelineId
  readonly name: string
  readonly version: number
  readonly definition: PipelineDefinition
}

/** Pipelines of a tenant, in versions that never change. Definitions hold no secrets. */
export class PipelinesRepo extends Context.Service<PipelinesRepo, {
  /** Without a version the newest. */
  readonly find: (tenantId: TenantId, pipeline: PipelineRef) => Effect.Effect<Option.Option<Pipeline>>
  readonly list: (tenantId: TenantId, options: PageOptions & { readonly name?: string }) => Effect.Effect<
    Option.Option<{ readonly items: ReadonlyArray<Pipeline>; readonly next?: PageCursor }>
  >
  /** `None` when the name is taken. Part of the caller's transaction. */
  readonly insert: (caller: Caller, pipeline: {
    readonly name: string
    readonly description: string
    readonly definition: PipelineDefinition
  }) => Effect.Effect<Option.Option<PipelineId>>
  /** Locks the pipeline until the end of the caller's transaction: nobody chooses it meanwhile. Answers its newest version. */
  readonly lock: (tenantId: TenantId, pipelineId: PipelineId) => Effect.Effect<Option.Option<number>>
  readonly rename: (
    tenantId: TenantId,
    pipelineId: PipelineId,
    change: { readonly name?: string; readonly description?: string }
  ) => Effect.Effect<"updated" | "nameTaken">
  /** Adds the next version of a pipeline that is locked. */
  readonly addVersion: (
    caller: Caller,
    pipelineId: PipelineId,
    definition: PipelineDefinition
  ) => Effect.Effect<void>
  readonly idOfName: (tenantId: TenantId, name: string) => Effect.Effect<Option.Option<PipelineId>>
  /** What somebody chooses, which cannot be deleted before the caller's transaction ends. */
  readonly hold: (tenantId: TenantId, pipeline: PipelineRef) => Effect.Effect<Option.Option<Chosen>>
  readonly users: (caller: Caller, pipelineId: PipelineId) => Effect.Effect<Users>
  readonly remove: (tenantId: TenantId, pipelineId: PipelineId) => Effect.Effect<void>
}>()("@sheaf/adapters/repos/pipelines/PipelinesRepo") {
  static readonly layer = Layer.effect(
    PipelinesRepo,
    Effect.gen(function*() {
      const sql = yield* SqlClient.SqlClient
      const columns =
        sql`p.id, p.name, p.description, v.version, p.newest_version, v.definition, v.created_by, v.created_at`
      const versions = sql`pipelines p join pipeline_versions v on v.tenant_id = p.tenant_id and v.pipeline_id = p.id`
      const found = maybeRow(Row)
      const many = rows(Row)
      const toPipeline = (row: typeof Row.Type) => new Pipeline(row)
      const versionOf = ({ version }: PipelineRef) =>
        version === undefined ? sql`v.version = p.newest_version` : sql`v.version = ${version}`

      const find: PipelinesRepo["Service"]["find"] = (tenantId, pipeline) =>
        Effect.map(
          found(sql`select ${columns} from ${versions}
            where p.tenant_id = ${tenantId} and p.id = ${pipeline.id} and ${versionOf(pipeline)}`),
          Option.map(toPipeline)
        )

      const Position = Schema.Tuple([CursorText])
      const list: PipelinesRepo["Service"]["list"] = Effect.fn("PipelinesRepo.list")(
        function*(tenantId, { cursor, limit = 50, name }) {
          const after = decodeCursor(Position, cursor)
          if (Option.isNone(after)) return Option.none()
          const page = yield* many(sql`select ${columns} from ${versions}
            where p.tenant_id = ${tenantId} and v.version = p.newest_version
              ${name === undefined ? sql`` : sql`and p.name = ${name}`}
              ${after.value === undefined ? sql`` : sql`and p.name > ${after.value[0]}`}
            order by p.name limit ${limit + 1}`)
          const items = page.slice(0, limit).map(toPipeline)
          const last = items.at(-1)
          return Option.some({
            items,
            ...(page.length > limit && last && { next: encodeCursor(Position, [last.name]) })
          })
        }
      )

      const encodeActor = (actor: Actor) => Effect.orDie(Schema.encodeEffect(Actor)(actor))
      const version = (
        { tenantId }: Caller,
        { actor, definition, id, version }: {
          readonly id: PipelineId
          readonly version: number
          readonly definition: PipelineDefinition
          readonly actor: unknown
        }
      ) =>
        done(sql`insert into pipeline_versions (tenant_id, pipeline_id, version, definition, created_by)
          values (${tenantId}, ${id}, ${version}, ${json(definition)}::jsonb, ${json(actor)}::jsonb)`)

      const ids = maybeRow(Schema.Struct({ id: PipelineId }))
      const insert: PipelinesRepo["Service"]["insert"] = Effect.fn("PipelinesRepo.insert")(
        function*(caller, { definition, description, name }) {
          const actor = yield* encodeActor(caller.actor)
          const row = yield* ids(sql`insert into pipelines
              (tenant_id, id, name, description, newest_version, created_by)
            values (${caller.tenantId}, ${yield* newId(PipelineId)}, ${name}, ${description}, 1, ${json(actor)}::jsonb)
            on conflict (tenant_id, name) do nothing returning id`)
          if (Option.isNone(row)) return Option.none()
          yield* version(caller, { id: row.value.id, version: 1, definition, actor })
          return Option.some(row.value.id)
        }
      )

      const newest = maybeRow(Schema.Struct({ newestVersion: Schema.Int }))
      const lock: PipelinesRepo["Service"]["lock"] = (tenantId, pipelineId) =>
        Effect.map(
          newest(sql`select newest_version from pipelines
            where tenant_id = ${tenantId} and id = ${pipelineId} for update`),
          Option.map((row) => row.newestVersion)
        )

      const rename: PipelinesRepo["Service"]["rename"] = (tenantId, pipelineId, { description, name }) =>
        sql`update pipelines set name = coalesce(${name ?? null}, name),
            description = coalesce(${description ?? null}, description)
          where tenant_id = ${tenantId} and id = ${pipelineId}`.pipe(
          sql.withTransaction,
          Effect.as("updated" as const),
          Effect.catchReason("SqlError", "UniqueViolation", () => Effect.succeed("nameTaken" as const)),
          Effect.orDie
        )

      const addVersion: PipelinesRepo["Service"]["addVersion"] = Effect.fn("PipelinesRepo.addVersion")(
        function*(caller, id, definition) {
          const actor = yield* encodeActor(caller.actor)
          const next = yield* newest(sql`update pipelines set newest_version = newest_version + 1
            where tenant_id = ${caller.tenantId} and id = ${id} returning newest_version`)
          if (Option.isSome(next)) yield* version(caller, { id, version: next.value.newestVersion, definition, actor })
        }
      )

      const idOfName: PipelinesRepo["Service"]["idOfName"] = (tenantId, name) =>
        Effect.map(
          ids(sql`select id from pipelines where tenant_id = ${tenantId} and name = ${name}`),
          Option.map((row) => row.id)
        )

      const chosen = maybeRow(
        Schema.Struct({
          id: PipelineId,
          name: Schema.String,
          version: Schema.Int,
          definition: PipelineDefinition
        })
      )
      const hold: PipelinesRepo["Service"]["hold"] = (tenantId, pipeline) =>
        chosen(sql`select p.id, p.name, v.version, v.definition from ${versions}
          where p.tenant_id = ${tenantId} and p.id = ${pipeline.id} and ${versionOf(pipeline)} for share of p`)

      const datasets = rows(Schema.Struct({ id: DatasetId, name: Schema.String }))
      const counted = oneRow(
        Schema.Struct({ datasetCount: Schema.Int, documents: Schema.Int, runs: Schema.Int })
      )
      const users: PipelinesRepo["Service"]["users"] = Effect.fn("PipelinesRepo.users")(
        function*(caller, pipelineId) {
          const { tenantId } = caller
          const counts = yield* counted(sql`select
            (select count(*)::int from datasets where tenant_id = ${tenantId} and pipeline_id = ${pipelineId})
              as dataset_count,
            (select count(*)::int from documents where tenant_id = ${tenantId} and not deleting
              and settings -> 'pipeline' is not null and settings -> 'pipeline' ->> 'id' = ${pipelineId}) as documents,
            (select count(*)::int from runs where tenant_id = ${tenantId} and config -> 'pipeline' is not null
              and state not in ('published', 'failed', 'cancelled') and config -> 'pipeline' ->> 'id' = ${pipelineId})
              as runs`)
          return {
            ...counts,
            datasets: yield* datasets(sql`select ds.id, ds.name from datasets ds
              where ${visibleDatasets(sql, caller)} and ds.pipeline_id = ${pipelineId} order by ds.name limit 20`)
          }
        }
      )

      return PipelinesRepo.of({
        find,
        list,
        insert,
        lock,
        rename,
        addVersion,
        idOfName,
        hold,
        users,
        remove: (tenantId, pipelineId) =>
          done(sql`delete from pipelines where tenant_id = ${tenantId} and id = ${pipelineId}`)
      })
    })
  )
}
