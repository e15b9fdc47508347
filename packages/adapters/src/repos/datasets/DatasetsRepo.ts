import type { DatasetPermission } from "@sheaf/domain/datasets/Dataset"
import { ChunkingSettings, Dataset } from "@sheaf/domain/datasets/Dataset"
import { OwnLimits } from "@sheaf/domain/admin/Limits"
import { MetadataFields } from "@sheaf/domain/documents/fields"
import { Actor, type Caller } from "@sheaf/domain/edge/Caller"
import { DatasetId, DocumentId, type PageCursor, type TenantId } from "@sheaf/domain/ids"
import { ParsingSettings } from "@sheaf/domain/runs/RunSettings"
import { PipelineRef } from "@sheaf/domain/pipelines/PipelineChoice"
import { Space } from "@sheaf/domain/spaces/Space"
import { Context, Effect, Layer, Option, Schema } from "effect"
import { SqlClient } from "effect/sql"
import { newId } from "../newId.ts"
import { CursorText, decodeCursor, encodeCursor } from "../pageCursor.ts"
import { done, json, maybeRow, rows } from "../rows.ts"
import { addedOnce, addedUp, atLeast } from "../upkeep/addedUp.ts"

/** Change of what a dataset counts; negative where something goes. */
export interface CounterDelta {
  readonly documents?: number
  readonly segments?: number
  readonly tokens?: number
  readonly bytes?: number
}

export interface DatasetSettings {
  readonly name: string
  readonly description: string
  readonly chunking: ChunkingSettings
  /** Default: as found by looking. */
  readonly parsing?: ParsingSettings
  /** `null`, the default: none. */
  readonly pipeline?: PipelineRef | null
  readonly permission: typeof DatasetPermission.Type
  /** Default: none. */
  readonly fields?: MetadataFields
}

/** What a run takes from its dataset. */
export interface ForRun {
  readonly space: Space
  readonly chunking: ChunkingSettings
  readonly parsing: ParsingSettings
  readonly pipeline: PipelineRef | null
}

/** What holds for the documents of a dataset. */
export interface Rules {
  readonly run: ForRun
  readonly fields: MetadataFields
  /** What an operator has set for the tenant. */
  readonly limits: OwnLimits
}

export interface PageOptions {
  readonly limit?: number
  readonly cursor?: PageCursor
}

const DatasetRow = Schema.Struct({
  ...Dataset.fields,
  createdAt: Schema.Date,
  lastIngestedAt: Schema.NullOr(Schema.Date)
})

/** Datasets that a caller may see: reads take the caller, so that an id alone loads nothing. */
export class DatasetsRepo extends Context.Service<DatasetsRepo, {
  readonly find: (caller: Caller, datasetId: DatasetId) => Effect.Effect<Option.Option<Dataset>>
  readonly findByName: (caller: Caller, name: string) => Effect.Effect<Option.Option<Dataset>>
  readonly list: (caller: Caller, options: PageOptions & { readonly name?: string }) => Effect.Effect<
    Option.Option<{ readonly items: ReadonlyArray<Dataset>; readonly next?: PageCursor }>
  >
  /** Which datasets a search looks at, with the space of each: of these, or all, the ones that the caller may see. */
  readonly searchable: (caller: Caller, datasetIds: ReadonlyArray<DatasetId> | undefined) => Effect.Effect<
    ReadonlyArray<{ readonly id: DatasetId; readonly space: Space }>
  >
  /** `None` when the name is taken. Part of the caller's transaction. */
  readonly insert: (caller: Caller, space: Space, settings: DatasetSettings) => Effect.Effect<Option.Option<DatasetId>>
  /** Changes what is given and leaves the rest as it is at that moment, whoever else changes something. */
  readonly update: (
    caller: Caller,
    datasetId: DatasetId,
    change: Partial<DatasetSettings>
  ) => Effect.Effect<"updated" | "absent" | "nameTaken">
  /** Who has a name that an insert or update could not have; whether the caller may see it or not. */
  readonly idOfName: (tenantId: TenantId, name: string) => Effect.Effect<Option.Option<DatasetId>>
  /** What a new run takes from its dataset, which cannot be deleted before the caller's transaction ends. */
  readonly hold: (tenantId: TenantId, datasetId: DatasetId) => Effect.Effect<Option.Option<ForRun>>
  /** The same, with what a new document is checked against. */
  readonly holdFor: (tenantId: TenantId, datasetId: DatasetId) => Effect.Effect<Option.Option<Rules>>
  /** `false`: there is none, or it is on its way out already. */
  readonly markDeleting: (tenantId: TenantId, datasetId: DatasetId) => Effect.Effect<boolean>
  /** Adds to what has gone with a dataset on its way out. */
  readonly addRemoved: (
    tenantId: TenantId,
    datasetId: DatasetId,
    removed: Readonly<Record<string, number>>
  ) => Effect.Effect<void>
  /** The same for what lies beside its documents and is about to be removed: found again after a crash, it is added once. */
  readonly addLeftovers: (
    tenantId: TenantId,
    datasetId: DatasetId,
    found: Readonly<Record<string, number>>
  ) => Effect.Effect<void>
  /** Locks the row of a dataset on its way out, and answers what has gone with it; `None`: it is gone itself. */
  readonly removed: (tenantId: TenantId, datasetId: DatasetId) => Effect.Effect<
    Option.Option<Readonly<Record<string, number>>>
  >
  /** Removes the row of a dataset that holds nothing any more. */
  readonly purge: (tenantId: TenantId, datasetId: DatasetId) => Effect.Effect<void>
  readonly documentsToPurge: (
    tenantId: TenantId,
    datasetId: DatasetId,
    limit: number
  ) => Effect.Effect<ReadonlyArray<DocumentId>>
  /** Part of the transaction that changes the rows which are counted. */
  readonly count: (tenantId: TenantId, datasetId: DatasetId, delta: CounterDelta) => Effect.Effect<void>
  readonly touchIngested: (tenantId: TenantId, datasetId: DatasetId) => Effect.Effect<void>
  /** Adds up to `limit` deltas to the totals. Answers how many. */
  readonly fold: (limit: number) => Effect.Effect<number>
}>()("@sheaf/adapters/repos/datasets/DatasetsRepo") {
  static readonly layer = Layer.effect(
    DatasetsRepo,
    Effect.gen(function*() {
      const sql = yield* SqlClient.SqlClient
      const pipeline = sql`case when ds.pipeline_id is null then null else jsonb_strip_nulls(jsonb_build_object(
        'id', ds.pipeline_id, 'version', ds.pipeline_version)) end as pipeline`
      const columns =
        sql`ds.id, ds.name, ds.description, sp.descriptor as space, ds.chunking, ds.parsing, ${pipeline}, ds.permission, ds.fields,
        (coalesce(c.documents, 0) + coalesce(x.documents, 0))::int as documents,
        (coalesce(c.segments, 0) + coalesce(x.segments, 0))::int as segments,
        (coalesce(c.tokens, 0) + coalesce(x.tokens, 0))::int as tokens,
        (coalesce(c.bytes, 0) + coalesce(x.bytes, 0))::float8 as bytes,
        ds.last_ingested_at, ds.created_by, ds.created_at`
      const from = sql`datasets ds
        join spaces sp on sp.tenant_id = ds.tenant_id and sp.id = ds.space_id
        left join dataset_counters c on c.tenant_id = ds.tenant_id and c.dataset_id = ds.id
        left join lateral (select sum(documents) as documents, sum(segments) as segments, sum(tokens) as tokens,
            sum(bytes) as bytes
          from dataset_counter_deltas where tenant_id = ds.tenant_id and dataset_id = ds.id) x on true`
      const found = maybeRow(DatasetRow)
      const many = rows(DatasetRow)
      const toDataset = (row: typeof DatasetRow.Type) => new Dataset(row)

      const find: DatasetsRepo["Service"]["find"] = (caller, datasetId) =>
        Effect.map(
          found(sql`select ${columns} from ${from} where ${visibleDatasets(sql, caller)} and ds.id = ${datasetId}`),
          Option.map(toDataset)
        )

      const findByName: DatasetsRepo["Service"]["findByName"] = (caller, name) =>
        Effect.map(
          found(sql`select ${columns} from ${from} where ${visibleDatasets(sql, caller)} and ds.name = ${name}`),
          Option.map(toDataset)
        )

      const Position = Schema.Tuple([CursorText, DatasetId])
      const list: DatasetsRepo["Service"]["list"] = Effect.fn("DatasetsRepo.list")(function*(caller, options) {
        const limit = options.limit ?? 50
        const after = decodeCursor(Position, options.cursor)
        if (Option.isNone(after)) return Option.none()
        const page = yield* many(sql`select ${columns} from ${from} where ${visibleDatasets(sql, caller)}
          ${options.name === undefined ? sql`` : sql`and ds.name = ${options.name}`}
          ${
          after.value === undefined ? sql`` : sql`and (ds.name, ds.id) > (${after.value[0]}, ${after.value[1]}::uuid)`
        }
          order by ds.name, ds.id limit ${limit + 1}`)
        const items = page.slice(0, limit).map(toDataset)
        const last = items.at(-1)
        return Option.some({
          items,
          ...(page.length > limit && last && { next: encodeCursor(Position, [last.name, last.id]) })
        })
      })

      const searched = rows(Schema.Struct({ id: DatasetId, space: Space }))
      const searchable: DatasetsRepo["Service"]["searchable"] = (caller, datasetIds) =>
        searched(sql`select ds.id, sp.descriptor as space from datasets ds
          join spaces sp on sp.tenant_id = ds.tenant_id and sp.id = ds.space_id
          where ${visibleDatasets(sql, caller)}
            ${datasetIds === undefined ? sql`` : sql`and ds.id = any(${[...datasetIds]}::uuid[])`}`)

      const encodeActor = Schema.encodeEffect(Actor)
      const inserted = maybeRow(Schema.Struct({ id: DatasetId }))
      const insert: DatasetsRepo["Service"]["insert"] = Effect.fn("DatasetsRepo.insert")(
        function*(caller, space, settings) {
          const id = yield* newId(DatasetId)
          const actor = yield* Effect.orDie(encodeActor(caller.actor))
          yield* done(sql`insert into spaces (tenant_id, id, descriptor)
            values (${caller.tenantId}, ${space.id}, ${json(space)}::jsonb) on conflict do nothing`)
          const row = yield* inserted(sql`insert into datasets
              (tenant_id, id, name, description, space_id, chunking, parsing, pipeline_id, pipeline_version,
                permission, fields, owner, created_by)
            values (${caller.tenantId}, ${id}, ${settings.name}, ${settings.description}, ${space.id},
              ${json(settings.chunking)}::jsonb, ${json(settings.parsing ?? {})}::jsonb,
              ${settings.pipeline?.id ?? null}, ${settings.pipeline?.version ?? null}, ${settings.permission}, ${
            json(settings.fields ?? [])
          }::jsonb, ${ownerOf(caller)}, ${json(actor)}::jsonb)
            on conflict (tenant_id, name) where not deleting do nothing returning id`)
          return Option.map(row, (dataset) => dataset.id)
        }
      )

      const update: DatasetsRepo["Service"]["update"] = (
        caller,
        datasetId,
        { chunking, description, fields, name, parsing, permission, pipeline }
      ) =>
        sql`update datasets ds set name = coalesce(${name ?? null}, ds.name),
            description = coalesce(${description ?? null}, ds.description),
            chunking = coalesce(${chunking === undefined ? null : json(chunking)}::jsonb, ds.chunking),
            parsing = coalesce(${parsing === undefined ? null : json(parsing)}::jsonb, ds.parsing),
            ${
          pipeline === undefined
            ? sql``
            : sql`pipeline_id = ${pipeline?.id ?? null}::uuid, pipeline_version = ${pipeline?.version ?? null}::int,`
        }
            permission = coalesce(${permission ?? null}, ds.permission),
            fields = coalesce(${fields === undefined ? null : json(fields)}::jsonb, ds.fields)
          where ${visibleDatasets(sql, caller)} and ds.id = ${datasetId} returning ds.id`.pipe(
          sql.withTransaction,
          Effect.map((changed) => changed.length > 0 ? "updated" as const : "absent" as const),
          Effect.catchReason("SqlError", "UniqueViolation", () => Effect.succeed("nameTaken" as const)),
          Effect.orDie
        )

      const idOfName: DatasetsRepo["Service"]["idOfName"] = (tenantId, name) =>
        Effect.map(
          inserted(sql`select id from datasets where tenant_id = ${tenantId} and name = ${name} and not deleting`),
          Option.map((dataset) => dataset.id)
        )

      const held = maybeRow(
        Schema.Struct({
          space: Space,
          chunking: ChunkingSettings,
          parsing: ParsingSettings,
          pipeline: Schema.NullOr(PipelineRef),
          fields: MetadataFields,
          limits: OwnLimits
        })
      )
      const holdFor: DatasetsRepo["Service"]["holdFor"] = (tenantId, datasetId) =>
        Effect.map(
          held(
            sql`select sp.descriptor as space, ds.chunking, ds.parsing, ${pipeline}, ds.fields, t.limits from datasets ds
            join spaces sp on sp.tenant_id = ds.tenant_id and sp.id = ds.space_id
            join tenants t on t.id = ds.tenant_id
            where ds.tenant_id = ${tenantId} and ds.id = ${datasetId} and not ds.deleting for share of ds`
          ),
          Option.map(({ chunking, fields, limits, parsing, pipeline, space }) => ({
            run: { space, chunking, parsing, pipeline },
            fields,
            limits
          }))
        )
      const hold: DatasetsRepo["Service"]["hold"] = (tenantId, datasetId) =>
        Effect.map(holdFor(tenantId, datasetId), Option.map(({ run }) => run))

      // Its documents are marked page by page, by the job that purges them: readers look at the dataset first.
      const markDeleting: DatasetsRepo["Service"]["markDeleting"] = (tenantId, datasetId) =>
        Effect.map(
          inserted(sql`update datasets set deleting = true
            where tenant_id = ${tenantId} and id = ${datasetId} and not deleting returning id`),
          Option.isSome
        )

      const addRemoved: DatasetsRepo["Service"]["addRemoved"] = (tenantId, datasetId, removed) =>
        done(sql`update datasets set removed = ${addedUp(sql, sql`removed`, removed)}
          where tenant_id = ${tenantId} and id = ${datasetId} and deleting`)

      const addLeftovers: DatasetsRepo["Service"]["addLeftovers"] = (tenantId, datasetId, found) =>
        done(
          sql`update datasets set removed = ${
            addedOnce(sql, { before: sql`removed`, known: sql`leftovers` }, found)
          }, leftovers = ${atLeast(sql, sql`leftovers`, found)}
          where tenant_id = ${tenantId} and id = ${datasetId} and deleting`
        )

      const removedRow = maybeRow(Schema.Struct({ removed: Schema.Record(Schema.String, Schema.Int) }))
      const removed: DatasetsRepo["Service"]["removed"] = (tenantId, datasetId) =>
        Effect.map(
          removedRow(sql`select removed from datasets
            where tenant_id = ${tenantId} and id = ${datasetId} and deleting for update`),
          Option.map((row) => row.removed)
        )

      const purge: DatasetsRepo["Service"]["purge"] = (tenantId, datasetId) =>
        done(sql`delete from uploads where tenant_id = ${tenantId} and dataset_id = ${datasetId}`).pipe(
          Effect.andThen(
            done(sql`delete from datasets where tenant_id = ${tenantId} and id = ${datasetId} and deleting`)
          )
        )

      const documentRows = rows(Schema.Struct({ id: DocumentId }))
      const documentsToPurge: DatasetsRepo["Service"]["documentsToPurge"] = (tenantId, datasetId, limit) =>
        Effect.map(
          documentRows(sql`select id from documents where tenant_id = ${tenantId} and dataset_id = ${datasetId}
            order by id limit ${limit}`),
          (page) => page.map((row) => row.id)
        )

      const count: DatasetsRepo["Service"]["count"] = (tenantId, datasetId, delta) =>
        done(sql`insert into dataset_counter_deltas (tenant_id, dataset_id, documents, segments, tokens, bytes)
          values (${tenantId}, ${datasetId}, ${delta.documents ?? 0}, ${delta.segments ?? 0}, ${delta.tokens ?? 0},
            ${delta.bytes ?? 0}::float8::bigint)`)

      const touchIngested: DatasetsRepo["Service"]["touchIngested"] = (tenantId, datasetId) =>
        done(sql`update datasets set last_ingested_at = now() where tenant_id = ${tenantId} and id = ${datasetId}`)

      const folded = rows(Schema.Struct({ folded: Schema.Int }))
      const fold: DatasetsRepo["Service"]["fold"] = (limit) =>
        Effect.map(
          folded(sql`
            with gone as (
              delete from dataset_counter_deltas where id in
                (select id from dataset_counter_deltas order by id limit ${limit} for update skip locked)
              returning *
            ), added as (
              insert into dataset_counters (tenant_id, dataset_id, documents, segments, tokens, bytes)
              select tenant_id, dataset_id, sum(documents), sum(segments), sum(tokens), sum(bytes) from gone
              group by tenant_id, dataset_id
              on conflict (tenant_id, dataset_id) do update set documents = dataset_counters.documents + excluded.documents,
                segments = dataset_counters.segments + excluded.segments, tokens = dataset_counters.tokens + excluded.tokens,
                bytes = dataset_counters.bytes + excluded.bytes
            )
            select count(*)::int as folded from gone`),
          (counts) => counts[0]?.folded ?? 0
        )

      return DatasetsRepo.of({
        find,
        findByName,
        list,
        searchable,
        insert,
        update,
        idOfName,
        hold,
        holdFor,
        markDeleting,
        addRemoved,
        addLeftovers,
        removed,
        purge,
        documentsToPurge,
        count,
        touchIngested,
        fold
      })
    })
  )
}

/** Who owns what a caller makes: the person it acts for, else the key. */
export const ownerOf = ({ keyId, onBehalfOf }: Actor): string =>
  onBehalfOf === undefined ? `key:${keyId}` : `person:${onBehalfOf.id}`

/** The condition on `datasets ds` under which a caller may see one. Part of every read that a caller starts. */
export const visibleDatasets = (sql: SqlClient.SqlClient, caller: Caller) =>
  sql`ds.tenant_id = ${caller.tenantId} and not ds.deleting
    ${caller.datasetIds === null ? sql`` : sql`and ds.id = any(${[...caller.datasetIds]}::uuid[])`}
    ${caller.has("admin") ? sql`` : sql`and (ds.permission = 'tenant' or ds.owner = ${ownerOf(caller)})`}`
