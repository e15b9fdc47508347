import { Actor, type Caller } from "@sheaf/domain/edge/Caller"
import { type ConnectionId, type DatasetId, type PageCursor, SyncSourceId, TenantId } from "@sheaf/domain/ids"
import { Chosen, type SyncRules, type SyncSelection, SyncSource } from "@sheaf/domain/syncs/Source"
import { Context, Effect, Layer, Option, Schema } from "effect"
import { SqlClient, type Statement } from "effect/sql"
import { type PageOptions, visibleDatasets } from "../datasets/DatasetsRepo.ts"
import { newId } from "../newId.ts"
import { decodeCursor, encodeCursor } from "../pageCursor.ts"
import { done, json, maybeRow, oneRow, rows } from "../rows.ts"

const Row = Schema.Struct({
  ...SyncSource.fields,
  createdAt: Schema.Date,
  dueAt: Schema.NullOr(Schema.Date)
})
const toSource = (row: typeof Row.Type) => new SyncSource(row)

const encodeActor = Schema.encodeSync(Actor)
const encodeSelection = Schema.encodeSync(Chosen)

/** What is not said otherwise. */
export const defaultRules: SyncRules = { everyMinutes: null, onGone: "archive", maxMissing: 0.2 }

const Due = Schema.Struct({ tenantId: TenantId, id: SyncSourceId, actor: Actor })

interface Keys {
  readonly connectionId: ConnectionId
  readonly datasetId: DatasetId
}

/** What datasets follow. Reads that a caller starts take the caller, and see what lies in datasets that it may see. */
export class SyncSourcesRepo extends Context.Service<SyncSourcesRepo, {
  readonly find: (caller: Caller, sourceId: SyncSourceId) => Effect.Effect<Option.Option<SyncSource>>
  /** Oldest first; `None` for a cursor that is not of this list. */
  readonly list: (caller: Caller, options: PageOptions & Partial<Keys>) => Effect.Effect<
    Option.Option<{ readonly items: ReadonlyArray<SyncSource>; readonly next?: PageCursor }>
  >
  /** For who works on it. */
  readonly get: (tenantId: TenantId, sourceId: SyncSourceId) => Effect.Effect<Option.Option<SyncSource>>
  /**
   * The source of this connection and dataset, with this selection beside what it had, held until the end of the caller's transaction.
   * Rules that are not given stay as they are.
   */
  readonly extend: (
    by: { readonly tenantId: TenantId; readonly actor: Actor },
    source: Keys & { readonly selection: SyncSelection; readonly rules: Partial<SyncRules> }
  ) => Effect.Effect<SyncSourceId>
  /** Part of the caller's transaction. A schedule begins anew. */
  readonly update: (tenantId: TenantId, sourceId: SyncSourceId, rules: Partial<SyncRules>) => Effect.Effect<void>
  readonly remove: (tenantId: TenantId, sourceId: SyncSourceId) => Effect.Effect<void>
  /** Sources whose schedule says that it is time. */
  readonly due: (limit: number) => Effect.Effect<ReadonlyArray<typeof Due.Type>>
  /** The next time is an interval from now. `false`: somebody was faster. */
  readonly turn: (tenantId: TenantId, sourceId: SyncSourceId) => Effect.Effect<boolean>
}>()("@sheaf/adapters/repos/syncs/SyncSourcesRepo") {
  static readonly layer = Layer.effect(
    SyncSourcesRepo,
    Effect.gen(function*() {
      const sql = yield* SqlClient.SqlClient
      const columns = sql`s.id, s.connection_id, s.dataset_id, s.selection, s.every_minutes, s.on_gone, s.max_missing,
        s.due_at, s.created_by, s.created_at, (select count(*)::int from sync_items i
          where i.tenant_id = s.tenant_id and i.source_id = s.id and i.state <> 'gone') as items`
      const visible = (caller: Caller) =>
        sql`sync_sources s join datasets ds on ds.tenant_id = s.tenant_id and ds.id = s.dataset_id
          where ${visibleDatasets(sql, caller)}`

      const found = maybeRow(Row)
      const many = rows(Row)
      const Position = Schema.Tuple([SyncSourceId])
      const list: SyncSourcesRepo["Service"]["list"] = Effect.fn("SyncSourcesRepo.list")(
        function*(caller, { connectionId, cursor, datasetId, limit = 50 }) {
          const after = decodeCursor(Position, cursor)
          if (Option.isNone(after)) return Option.none()
          const page = yield* many(sql`select ${columns} from ${visible(caller)}
            ${connectionId === undefined ? sql`` : sql`and s.connection_id = ${connectionId}`}
            ${datasetId === undefined ? sql`` : sql`and s.dataset_id = ${datasetId}`}
            ${after.value === undefined ? sql`` : sql`and s.id > ${after.value[0]}::uuid`}
            order by s.id limit ${limit + 1}`)
          const shown = page.slice(0, limit)
          const last = shown.at(-1)
          return Option.some({
            items: shown.map(toSource),
            ...(page.length > limit && last !== undefined && { next: encodeCursor(Position, [last.id]) })
          })
        }
      )

      const { everyMinutes: noInterval, maxMissing, onGone } = defaultRules
      const assigned = (rules: Partial<SyncRules>): ReadonlyArray<Statement.Fragment> => [
        ...(rules.onGone === undefined ? [] : [sql`on_gone = ${rules.onGone}`]),
        ...(rules.maxMissing === undefined ? [] : [sql`max_missing = ${rules.maxMissing}`]),
        ...(rules.everyMinutes === undefined
          ? []
          : [
            sql`every_minutes = ${rules.everyMinutes}`,
            sql`due_at = now() + make_interval(mins => ${rules.everyMinutes}::int)`
          ])
      ]
      const update: SyncSourcesRepo["Service"]["update"] = (tenantId, sourceId, rules) => {
        const changes = assigned(rules)
        return changes.length === 0
          ? Effect.void
          : done(
            sql`update sync_sources set ${sql.csv([...changes])} where tenant_id = ${tenantId} and id = ${sourceId}`
          )
      }

      const kept = oneRow(Schema.Struct({ id: SyncSourceId }))
      const extend: SyncSourcesRepo["Service"]["extend"] = Effect.fn("SyncSourcesRepo.extend")(
        function*({ actor, tenantId }, { connectionId, datasetId, rules, selection }) {
          const made = yield* newId(SyncSourceId)
          const more = json(encodeSelection(selection))
          const { id } = yield* kept(sql`insert into sync_sources as s
              (tenant_id, id, connection_id, dataset_id, selection, every_minutes, on_gone, max_missing, created_by)
            values (${tenantId}, ${made}, ${connectionId}, ${datasetId}, ${more}::jsonb, ${noInterval}, ${onGone},
              ${maxMissing}, ${json(encodeActor(actor))}::jsonb)
            on conflict (tenant_id, connection_id, dataset_id) do update set selection = case
              when jsonb_typeof(s.selection) = 'string' or jsonb_typeof(excluded.selection) = 'string' then '"all"'
              else (select jsonb_agg(distinct root) from jsonb_array_elements(s.selection || excluded.selection) root) end
            returning s.id`)
          yield* update(tenantId, id, rules)
          return id
        }
      )

      const dues = rows(Due)
      const turned = maybeRow(Schema.Struct({ id: SyncSourceId }))
      return SyncSourcesRepo.of({
        find: (caller, sourceId) =>
          Effect.map(
            found(sql`select ${columns} from ${visible(caller)} and s.id = ${sourceId}`),
            Option.map(toSource)
          ),
        list,
        get: (tenantId, sourceId) =>
          Effect.map(
            found(sql`select ${columns} from sync_sources s where s.tenant_id = ${tenantId} and s.id = ${sourceId}`),
            Option.map(toSource)
          ),
        extend,
        update,
        remove: (tenantId, sourceId) =>
          done(sql`delete from sync_sources where tenant_id = ${tenantId} and id = ${sourceId}`),
        due: (limit) =>
          dues(sql`select s.tenant_id, s.id, s.created_by as actor from sync_sources s
            join tenants t on t.id = s.tenant_id and t.state = 'active'
            where s.due_at <= now() order by s.due_at limit ${limit}`),
        turn: (tenantId, sourceId) =>
          Effect.map(
            turned(sql`update sync_sources set due_at = now() + make_interval(mins => every_minutes)
              where tenant_id = ${tenantId} and id = ${sourceId} and due_at <= now() returning id`),
            Option.isSome
          )
      })
    })
  )
}
