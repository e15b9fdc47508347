import { TenantRemoval } from "@sheaf/domain/admin/TenantRemovalRpcs"
import { Actor } from "@sheaf/domain/edge/Caller"
import { type PageCursor, TenantId } from "@sheaf/domain/ids"
import { Space } from "@sheaf/domain/spaces/Space"
import { Context, Effect, Layer, Option, Schema } from "effect"
import { SqlClient } from "effect/sql"
import type { By } from "../../lifecycle/By.ts"
import type { PageOptions } from "../datasets/DatasetsRepo.ts"
import { CursorInstant, decodeCursor, encodeCursor } from "../pageCursor.ts"
import { done, json, maybeRow, rows } from "../rows.ts"
import { addedOnce, addedUp, atLeast } from "./addedUp.ts"

const RemovalRow = Schema.Struct({
  ...TenantRemoval.fields,
  requestedAt: Schema.Date,
  deletedAt: Schema.NullOr(Schema.Date)
})

/** Who wanted a tenant gone, and from which tenant they said so. */
const Requested = Schema.Struct({ name: Schema.String, requestedBy: Actor, requestedIn: TenantId })

const Unswept = Schema.Struct({ id: TenantId, spaces: Schema.Array(Space) })

/** What is left of deleted tenants. Rows of the installation: no tenant owns them. */
export class TombstonesRepo extends Context.Service<TombstonesRepo, {
  /** Sets the tenant `deleting`, and remembers who wanted it. `false`: it was already, or there is none. Part of the caller's transaction. */
  readonly begin: (by: By, tenantId: TenantId) => Effect.Effect<boolean>
  readonly find: (tenantId: TenantId) => Effect.Effect<Option.Option<TenantRemoval>>
  /** Whether the key that the installation began with belongs to the tenant. */
  readonly holdsFirstKey: (tenantId: TenantId) => Effect.Effect<boolean>
  /** `None` for a cursor that is not of this list. */
  readonly list: (options: PageOptions) => Effect.Effect<
    Option.Option<{ readonly items: ReadonlyArray<TenantRemoval>; readonly next?: PageCursor }>
  >
  /** Adds to what has gone; nothing where the tenant is not on its way out. */
  readonly add: (tenantId: TenantId, removed: Readonly<Record<string, number>>) => Effect.Effect<void>
  /** The same for what is about to be removed from index and blobs: found again after a crash, it is added once. */
  readonly addLeftovers: (tenantId: TenantId, found: Readonly<Record<string, number>>) => Effect.Effect<void>
  /** Keeps the spaces that the tenant has entries in, which outlive the rows that say so. Answers all that are known. */
  readonly keepSpaces: (tenantId: TenantId) => Effect.Effect<ReadonlyArray<Space>>
  /** Part of a fenced transaction, when nothing is left: the tenant's own row goes. Answers who wanted it. */
  readonly end: (tenantId: TenantId) => Effect.Effect<Option.Option<typeof Requested.Type>>
  /** Up to `limit` that are over for long enough that nobody can write for them any more, and where that was not looked after yet. */
  readonly unswept: (limit: number) => Effect.Effect<ReadonlyArray<typeof Unswept.Type>>
  readonly swept: (tenantId: TenantId) => Effect.Effect<void>
}>()("@sheaf/adapters/repos/upkeep/TombstonesRepo") {
  static readonly layer = Layer.effect(
    TombstonesRepo,
    Effect.gen(function*() {
      const sql = yield* SqlClient.SqlClient
      const columns = sql`id, name, requested_at, deleted_at, removed`
      const one = maybeRow(RemovalRow)
      const many = rows(RemovalRow)
      const id = Schema.Struct({ id: TenantId })

      const marked = maybeRow(Schema.Struct({ id: TenantId, name: Schema.String }))
      const begin: TombstonesRepo["Service"]["begin"] = Effect.fn("TombstonesRepo.begin")(function*(by, tenantId) {
        const tenant = yield* marked(sql`update tenants set state = 'deleting'
          where id = ${tenantId} and state <> 'deleting' returning id, name`)
        if (Option.isNone(tenant)) return false
        const actor = yield* Effect.orDie(Schema.encodeEffect(Actor)(by.actor))
        yield* done(sql`insert into tenant_tombstones (id, name, requested_by, requested_in)
          values (${tenantId}, ${tenant.value.name}, ${json(actor)}::jsonb, ${by.tenantId})`)
        return true
      })

      const keys = maybeRow(id)
      const holdsFirstKey: TombstonesRepo["Service"]["holdsFirstKey"] = (tenantId) =>
        Effect.map(
          keys(sql`select id from api_keys where tenant_id = ${tenantId}
            and created_by is null and 'operator' = any(scopes) limit 1`),
          Option.isSome
        )

      const Position = Schema.Tuple([CursorInstant, TenantId])
      const positions = rows(Schema.Struct({ at: Schema.String }))
      const list: TombstonesRepo["Service"]["list"] = Effect.fn("TombstonesRepo.list")(function*(options) {
        const limit = options.limit ?? 50
        const after = decodeCursor(Position, options.cursor)
        if (Option.isNone(after)) return Option.none()
        const page = yield* many(sql`select ${columns} from tenant_tombstones ${
          after.value === undefined
            ? sql``
            : sql`where (requested_at, id) < (${after.value[0]}::timestamptz, ${after.value[1]}::uuid)`
        } order by requested_at desc, id desc limit ${limit + 1}`)
        const items = page.slice(0, limit).map((row) => new TenantRemoval(row))
        const last = items.at(-1)
        if (page.length <= limit || last === undefined) return Option.some({ items })
        const [position] = yield* positions(
          sql`select requested_at::text as at from tenant_tombstones where id = ${last.id}`
        )
        return Option.some({ items, next: encodeCursor(Position, [position!.at, last.id]) })
      })

      const kept = rows(Schema.Struct({ spaces: Schema.Array(Space) }))
      const keepSpaces: TombstonesRepo["Service"]["keepSpaces"] = (tenantId) =>
        Effect.map(
          kept(sql`update tenant_tombstones t set spaces = (
              select coalesce(jsonb_agg(distinct known.space), '[]') from (
                select jsonb_array_elements(t.spaces) as space
                union all select descriptor from spaces where tenant_id = ${tenantId}) known)
            where id = ${tenantId} returning spaces`),
          ([row]) => row?.spaces ?? []
        )

      const ended = maybeRow(Requested)
      const end: TombstonesRepo["Service"]["end"] = Effect.fn("TombstonesRepo.end")(function*(tenantId) {
        yield* done(sql`delete from tenants where id = ${tenantId} and state = 'deleting'`)
        return yield* ended(sql`update tenant_tombstones set deleted_at = now()
          where id = ${tenantId} and deleted_at is null returning name, requested_by, requested_in`)
      })

      const waiting = rows(Unswept)
      return TombstonesRepo.of({
        begin,
        find: (tenantId) =>
          Effect.map(
            one(sql`select ${columns} from tenant_tombstones where id = ${tenantId}`),
            Option.map((row) => new TenantRemoval(row))
          ),
        holdsFirstKey,
        list,
        add: (tenantId, removed) =>
          done(sql`update tenant_tombstones set removed = ${addedUp(sql, sql`removed`, removed)}
            where id = ${tenantId} and deleted_at is null`),
        addLeftovers: (tenantId, found) =>
          done(
            sql`update tenant_tombstones set removed = ${
              addedOnce(sql, { before: sql`removed`, known: sql`leftovers` }, found)
            }, leftovers = ${atLeast(sql, sql`leftovers`, found)}
            where id = ${tenantId} and deleted_at is null`
          ),
        keepSpaces,
        end,
        // Whoever lost a lease can have written for as long as a unit takes.
        unswept: (limit) =>
          waiting(sql`select id, spaces from tenant_tombstones
            where swept_at is null and deleted_at < now() - interval '11 minutes' order by deleted_at limit ${limit}`),
        swept: (tenantId) => done(sql`update tenant_tombstones set swept_at = now() where id = ${tenantId}`)
      })
    })
  )
}
