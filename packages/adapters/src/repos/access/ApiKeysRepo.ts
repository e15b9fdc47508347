import { ApiKey, Tenant } from "@sheaf/domain/admin/Admin"
import { OwnLimits } from "@sheaf/domain/admin/Limits"
import { Actor, type Caller, Scope } from "@sheaf/domain/edge/Caller"
import { ApiKeyId, DatasetId, type PageCursor, TenantId } from "@sheaf/domain/ids"
import { Context, Effect, Layer, Option, Schema } from "effect"
import { SqlClient } from "effect/sql"
import type { PageOptions } from "../datasets/DatasetsRepo.ts"
import { CursorText, decodeCursor, encodeCursor } from "../pageCursor.ts"
import { done, json, maybeRow, rows } from "../rows.ts"

const ApiKeyRow = Schema.Struct({
  ...ApiKey.fields,
  createdAt: Schema.Date,
  expiresAt: Schema.NullOr(Schema.Date),
  revokedAt: Schema.NullOr(Schema.Date),
  lastUsedAt: Schema.NullOr(Schema.Date)
})

/** What authentication needs of a key. */
const Presented = Schema.Struct({
  tenantId: TenantId,
  tenantName: Tenant.fields.name,
  tenantState: Tenant.fields.state,
  tenantCreatedAt: Schema.Date,
  /** What an operator has set for the tenant. */
  tenantLimits: OwnLimits,
  id: ApiKeyId,
  scopes: Schema.Array(Scope),
  datasetIds: Schema.NullOr(Schema.Array(DatasetId)),
  expiresAt: Schema.NullOr(Schema.Date),
  expired: Schema.Boolean,
  revoked: Schema.Boolean,
  /** Its last use is not noted to the minute. */
  stale: Schema.Boolean
})
export type Presented = typeof Presented.Type

/** Keys by the hash of their secret. A secret has 256 random bits, so the hash needs no salt and can be looked up. */
export class ApiKeysRepo extends Context.Service<ApiKeysRepo, {
  /** The key with this hash, whatever its state; the caller of a request is not known before. */
  readonly findByHash: (hash: string) => Effect.Effect<Option.Option<Presented>>
  readonly insert: (tenantId: TenantId, key: {
    readonly id: ApiKeyId
    readonly name: string
    readonly prefix: string
    readonly hash: string
    readonly scopes: ReadonlyArray<Scope>
    readonly datasetIds: ReadonlyArray<DatasetId> | null
    readonly expiresAt: Date | null
    /** `null`: made by the installation itself. */
    readonly createdBy: Actor | null
  }) => Effect.Effect<ApiKey>
  /** Of a caller who is limited to some datasets: the keys that are limited to those. */
  readonly list: (caller: Caller, options: PageOptions) => Effect.Effect<
    Option.Option<{ readonly items: ReadonlyArray<ApiKey>; readonly next?: PageCursor }>
  >
  /** The key of a call. */
  readonly own: (caller: Caller) => Effect.Effect<Option.Option<ApiKey>>
  readonly revoke: (caller: Caller, keyId: ApiKeyId) => Effect.Effect<Option.Option<ApiKey>>
  /** Notes the use of a key; exact to the minute, so that reads do not become writes. */
  readonly touch: (tenantId: TenantId, keyId: ApiKeyId) => Effect.Effect<void>
  /** Whether any key was ever made: if not, the installation makes the first. */
  readonly any: Effect.Effect<boolean>
}>()("@sheaf/adapters/repos/access/ApiKeysRepo") {
  static readonly layer = Layer.effect(
    ApiKeysRepo,
    Effect.gen(function*() {
      const sql = yield* SqlClient.SqlClient
      const columns = sql`id, name, prefix, scopes, dataset_ids, created_at, expires_at, revoked_at, last_used_at`

      const within = ({ datasetIds, tenantId }: Caller) =>
        sql`tenant_id = ${tenantId} ${datasetIds === null ? sql`` : sql`and dataset_ids <@ ${[...datasetIds]}::uuid[]`}`

      const presented = maybeRow(Presented)
      const findByHash: ApiKeysRepo["Service"]["findByHash"] = (hash) =>
        presented(
          sql`select k.tenant_id, t.name as tenant_name, t.state as tenant_state, t.created_at as tenant_created_at,
            t.limits as tenant_limits, k.id, k.scopes, k.dataset_ids, k.expires_at,
            coalesce(k.expires_at <= now(), false) as expired, k.revoked_at is not null as revoked,
            coalesce(k.last_used_at < now() - interval '1 minute', true) as stale
          from api_keys k join tenants t on t.id = k.tenant_id where k.hash = ${hash}`
        )

      const many = rows(ApiKeyRow)
      const first = maybeRow(ApiKeyRow)
      const insert: ApiKeysRepo["Service"]["insert"] = Effect.fn("ApiKeysRepo.insert")(function*(tenantId, key) {
        const createdBy = key.createdBy === null
          ? null
          : json(yield* Effect.orDie(Schema.encodeEffect(Actor)(key.createdBy)))
        const inserted = yield* many(sql`insert into api_keys
            (tenant_id, id, name, prefix, hash, scopes, dataset_ids, expires_at, created_by)
          values (${tenantId}, ${key.id}, ${key.name}, ${key.prefix}, ${key.hash}, ${[...key.scopes]}::text[],
            ${key.datasetIds === null ? null : [...key.datasetIds]}::uuid[], ${key.expiresAt}::timestamptz,
            ${createdBy}::jsonb)
          returning ${columns}`)
        return new ApiKey(inserted[0]!)
      })

      const Position = Schema.Tuple([CursorText, ApiKeyId])
      const list: ApiKeysRepo["Service"]["list"] = Effect.fn("ApiKeysRepo.list")(function*(caller, options) {
        const limit = options.limit ?? 50
        const after = decodeCursor(Position, options.cursor)
        if (Option.isNone(after)) return Option.none()
        const page = yield* many(sql`select ${columns} from api_keys where ${within(caller)}
          ${after.value === undefined ? sql`` : sql`and (name, id) > (${after.value[0]}, ${after.value[1]}::uuid)`}
          order by name, id limit ${limit + 1}`)
        const items = page.slice(0, limit).map((row) => new ApiKey(row))
        const last = items.at(-1)
        return Option.some({
          items,
          ...(page.length > limit && last && { next: encodeCursor(Position, [last.name, last.id]) })
        })
      })

      return ApiKeysRepo.of({
        findByHash,
        insert,
        list,
        own: (caller) =>
          Effect.map(
            first(sql`select ${columns} from api_keys where tenant_id = ${caller.tenantId} and id = ${caller.keyId}`),
            Option.map((row) => new ApiKey(row))
          ),
        revoke: (caller, keyId) =>
          Effect.map(
            first(sql`update api_keys set revoked_at = coalesce(revoked_at, now())
              where ${within(caller)} and id = ${keyId} returning ${columns}`),
            Option.map((row) => new ApiKey(row))
          ),
        touch: (tenantId, keyId) =>
          done(sql`update api_keys set last_used_at = now() where tenant_id = ${tenantId} and id = ${keyId}
            and (last_used_at is null or last_used_at < now() - interval '1 minute')`),
        any: Effect.map(
          rows(Schema.Struct({ id: ApiKeyId }))(sql`select id from api_keys limit 1`),
          (found) => found.length > 0
        )
      })
    })
  )
}
