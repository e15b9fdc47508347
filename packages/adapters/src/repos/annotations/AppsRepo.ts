import { App, AppDescription, AppName } from "@sheaf/domain/annotations/App"
import { Actor, type Caller } from "@sheaf/domain/edge/Caller"
import { AppId, type PageCursor, SpaceId, type TenantId } from "@sheaf/domain/ids"
import { Space } from "@sheaf/domain/spaces/Space"
import { Context, Effect, Layer, Option, Schema } from "effect"
import { SqlClient } from "effect/sql"
import type { PageOptions } from "../datasets/DatasetsRepo.ts"
import { newId } from "../newId.ts"
import { CursorText, decodeCursor, encodeCursor } from "../pageCursor.ts"
import { done, json, maybeRow, rows } from "../rows.ts"

const Row = Schema.Struct({
  id: AppId,
  name: AppName,
  description: AppDescription,
  archived: Schema.Boolean,
  annotations: Schema.Int,
  reply: Schema.Boolean,
  threshold: Schema.Finite,
  space: Schema.NullOr(Space),
  next: Schema.NullOr(Space),
  owed: Schema.Int,
  createdBy: Actor,
  createdAt: Schema.Date
})

/** What whoever writes into an app goes by, until the end of the transaction. */
const Held = Schema.Struct({
  archived: Schema.Boolean,
  annotations: Schema.Int,
  reply: Schema.Boolean,
  threshold: Schema.Finite,
  spaceId: Schema.NullOr(SpaceId),
  nextSpaceId: Schema.NullOr(SpaceId),
  /** Of what is written in this transaction. */
  revision: Schema.Int,
  epoch: Schema.Int
})
export type Held = typeof Held.Type

export type ReplySettings = Pick<Held, "reply" | "threshold" | "spaceId" | "nextSpaceId" | "epoch">

const listOrder = Schema.Tuple([CursorText])

/** Apps of a tenant. One that is being deleted is not there any more for anybody but the job that purges it. */
export class AppsRepo extends Context.Service<AppsRepo, {
  readonly find: (tenantId: TenantId, appId: AppId) => Effect.Effect<Option.Option<App>>
  /** By name. `None` for a cursor that this list never gave. */
  readonly list: (
    tenantId: TenantId,
    options: PageOptions & { readonly name?: string; readonly archived?: boolean }
  ) => Effect.Effect<Option.Option<{ readonly items: ReadonlyArray<App>; readonly next?: PageCursor }>>
  /** `None` when the name is taken. */
  readonly insert: (
    caller: Caller,
    app: { readonly name: string; readonly description: string; readonly threshold: number }
  ) => Effect.Effect<Option.Option<AppId>>
  readonly idOfName: (tenantId: TenantId, name: string) => Effect.Effect<Option.Option<AppId>>
  /** Holds the app until the end of the caller's transaction, and gives what is written in it the app's next revision. */
  readonly hold: (tenantId: TenantId, appId: AppId) => Effect.Effect<Option.Option<Held>>
  readonly rename: (
    tenantId: TenantId,
    appId: AppId,
    change: { readonly name?: string; readonly description?: string }
  ) => Effect.Effect<"updated" | "nameTaken">
  /** How an app is indexed, as of now. `None` where there is nothing to index: it is gone, or reply is off. */
  readonly work: (tenantId: TenantId, appId: AppId) => Effect.Effect<Option.Option<Held>>
  /** For whoever holds it. Another epoch: all annotations owe vectors. */
  readonly setReply: (tenantId: TenantId, appId: AppId, reply: ReplySettings) => Effect.Effect<void>
  /** So that apps can refer to it. */
  readonly addSpace: (tenantId: TenantId, space: Space) => Effect.Effect<void>
  readonly setArchived: (tenantId: TenantId, appId: AppId, archived: boolean) => Effect.Effect<void>
  /** Gone for everybody; false where it was not there. */
  readonly markDeleting: (tenantId: TenantId, appId: AppId) => Effect.Effect<boolean>
  /** The row of an app that is being deleted and has no annotation any more. */
  readonly purge: (tenantId: TenantId, appId: AppId) => Effect.Effect<void>
}>()("@sheaf/adapters/repos/annotations/AppsRepo") {
  static readonly layer = Layer.effect(
    AppsRepo,
    Effect.gen(function*() {
      const sql = yield* SqlClient.SqlClient

      const owed = sql`case when a.reply then (select count(*)::int from annotations n
        where n.app_id = a.id and n.tenant_id = a.tenant_id and n.indexed_epoch < a.epoch) else 0 end`
      const apps = sql`select a.id, a.name, a.description, a.archived, a.annotations, a.reply, a.threshold,
          s.descriptor as space, t.descriptor as next, ${owed} as owed, a.created_by, a.created_at
        from apps a
        left join spaces s on s.tenant_id = a.tenant_id and s.id = a.space_id
        left join spaces t on t.tenant_id = a.tenant_id and t.id = a.next_space_id`

      const found = maybeRow(Row)
      const find: AppsRepo["Service"]["find"] = (tenantId, appId) =>
        Effect.map(
          found(sql`${apps} where a.tenant_id = ${tenantId} and a.id = ${appId} and not a.deleting`),
          Option.map(toApp)
        )

      const many = rows(Row)
      const list: AppsRepo["Service"]["list"] = Effect.fn("AppsRepo.list")(
        function*(tenantId, { archived, cursor, limit = 50, name }) {
          const after = decodeCursor(listOrder, cursor)
          if (Option.isNone(after)) return Option.none()
          const page = yield* many(sql`${apps} where a.tenant_id = ${tenantId} and not a.deleting
              ${name === undefined ? sql`` : sql`and a.name = ${name}`}
              ${archived === undefined ? sql`` : sql`and a.archived = ${archived}`}
              ${after.value === undefined ? sql`` : sql`and a.name > ${after.value[0]}`}
            order by a.name limit ${limit + 1}`)
          const items = page.slice(0, limit).map(toApp)
          const last = items.at(-1)
          return Option.some({
            items,
            ...(page.length > limit && last && { next: encodeCursor(listOrder, [last.name]) })
          })
        }
      )

      const ids = maybeRow(Schema.Struct({ id: AppId }))
      const insert: AppsRepo["Service"]["insert"] = Effect.fn("AppsRepo.insert")(
        function*({ actor, tenantId }, { description, name, threshold }) {
          const by = yield* Effect.orDie(Schema.encodeEffect(Actor)(actor))
          const row = yield* ids(sql`insert into apps (tenant_id, id, name, description, threshold, created_by)
            values (${tenantId}, ${yield* newId(AppId)}, ${name}, ${description}, ${threshold}::float8, ${
            json(by)
          }::jsonb)
            on conflict (tenant_id, name) where not deleting do nothing returning id`)
          return Option.map(row, ({ id }) => id)
        }
      )

      const idOfName: AppsRepo["Service"]["idOfName"] = (tenantId, name) =>
        Effect.map(
          ids(sql`select id from apps where tenant_id = ${tenantId} and name = ${name} and not deleting`),
          Option.map(({ id }) => id)
        )

      const held = maybeRow(Held)
      const heldColumns = sql`archived, annotations, reply, threshold, space_id, next_space_id, revision, epoch`
      const hold: AppsRepo["Service"]["hold"] = (tenantId, appId) =>
        held(sql`update apps set revision = revision + 1
          where tenant_id = ${tenantId} and id = ${appId} and not deleting
          returning ${heldColumns}`)

      const rename: AppsRepo["Service"]["rename"] = (tenantId, appId, { description, name }) =>
        sql`update apps set name = coalesce(${name ?? null}, name), description = coalesce(${
          description ?? null
        }, description)
          where tenant_id = ${tenantId} and id = ${appId}`.pipe(
          sql.withTransaction,
          Effect.as("updated" as const),
          Effect.catchReason("SqlError", "UniqueViolation", () => Effect.succeed("nameTaken" as const)),
          Effect.orDie
        )

      const work: AppsRepo["Service"]["work"] = (tenantId, appId) =>
        held(sql`select ${heldColumns} from apps
          where tenant_id = ${tenantId} and id = ${appId} and not deleting and reply`)

      const setReply: AppsRepo["Service"]["setReply"] = (
        tenantId,
        appId,
        { epoch, nextSpaceId, reply, spaceId, threshold }
      ) =>
        done(sql`update apps set reply = ${reply}, threshold = ${threshold}::float8, space_id = ${spaceId},
            next_space_id = ${nextSpaceId}, epoch = ${epoch}
          where tenant_id = ${tenantId} and id = ${appId}`)

      const addSpace: AppsRepo["Service"]["addSpace"] = (tenantId, space) =>
        done(sql`insert into spaces (tenant_id, id, descriptor)
          values (${tenantId}, ${space.id}, ${json(space)}::jsonb) on conflict do nothing`)

      const setArchived: AppsRepo["Service"]["setArchived"] = (tenantId, appId, archived) =>
        done(sql`update apps set archived = ${archived} where tenant_id = ${tenantId} and id = ${appId}`)

      const markDeleting: AppsRepo["Service"]["markDeleting"] = (tenantId, appId) =>
        Effect.map(
          ids(sql`update apps set deleting = true where tenant_id = ${tenantId} and id = ${appId} and not deleting
            returning id`),
          Option.isSome
        )

      const purge: AppsRepo["Service"]["purge"] = (tenantId, appId) =>
        done(sql`delete from apps where tenant_id = ${tenantId} and id = ${appId} and deleting`)

      return AppsRepo.of({
        find,
        list,
        insert,
        idOfName,
        hold,
        work,
        setReply,
        addSpace,
        rename,
        setArchived,
        markDeleting,
        purge
      })
    })
  )
}

const toApp = ({ next, owed, reply, space, threshold, ...row }: typeof Row.Type): App =>
  new App({ ...row, reply: { enabled: reply, threshold, space, next, owed } })
