import { Actor, type Caller } from "@sheaf/domain/edge/Caller"
import type { EventKind } from "@sheaf/domain/notifications/kinds"
import type { DatasetId, PageCursor, TenantId } from "@sheaf/domain/ids"
import { WebhookId } from "@sheaf/domain/ids"
import { Webhook, type WhyDisabled } from "@sheaf/domain/webhooks/Webhook"
import { Context, Effect, Layer, Option, Schema } from "effect"
import { SqlClient } from "effect/sql"
import { ownerOf, type PageOptions } from "../datasets/DatasetsRepo.ts"
import { newId } from "../newId.ts"
import { CursorInstant, decodeCursor, encodeCursor } from "../pageCursor.ts"
import { done, json, maybeRow, oneRow, rows } from "../rows.ts"

const Row = Schema.Struct({
  ...Webhook.fields,
  disabledAt: Schema.NullOr(Schema.Date),
  failingSince: Schema.NullOr(Schema.Date),
  createdAt: Schema.Date
})

const encodeActor = Schema.encodeSync(Actor)

/** What of a webhook can be changed. `null`: all kinds, or all datasets. */
export interface WebhookDetails {
  readonly url: string
  readonly description: string
  readonly kinds: ReadonlyArray<EventKind> | null
  readonly datasetIds: ReadonlyArray<DatasetId> | null
}

/** Addresses that are told of a tenant's events. */
export class WebhooksRepo extends Context.Service<WebhooksRepo, {
  readonly find: (tenantId: TenantId, webhookId: WebhookId) => Effect.Effect<Option.Option<Webhook>>
  /** Newest first; `None` for a cursor that is not of this list. */
  readonly list: (tenantId: TenantId, options: PageOptions) => Effect.Effect<
    Option.Option<{ readonly items: ReadonlyArray<Webhook>; readonly next?: PageCursor }>
  >
  /** How many there are, with nobody making another one until the end of the caller's transaction. */
  readonly count: (tenantId: TenantId) => Effect.Effect<number>
  /** For what is numbered from now on. Part of the caller's transaction. */
  readonly insert: (caller: Caller, details: WebhookDetails) => Effect.Effect<WebhookId>
  /** Locks the webhook until the end of the caller's transaction; `false` when there is none. */
  readonly lock: (tenantId: TenantId, webhookId: WebhookId) => Effect.Effect<boolean>
  readonly update: (tenantId: TenantId, webhookId: WebhookId, details: Partial<WebhookDetails>) => Effect.Effect<void>
  /** `None` when it is disabled already; whose it is otherwise. */
  readonly disable: (
    tenantId: TenantId,
    webhookId: WebhookId,
    because: WhyDisabled
  ) => Effect.Effect<Option.Option<string>>
  readonly enable: (tenantId: TenantId, webhookId: WebhookId) => Effect.Effect<void>
  readonly remove: (tenantId: TenantId, webhookId: WebhookId) => Effect.Effect<void>
}>()("@sheaf/adapters/repos/webhooks/WebhooksRepo") {
  static readonly layer = Layer.effect(
    WebhooksRepo,
    Effect.gen(function*() {
      const sql = yield* SqlClient.SqlClient
      const columns =
        sql`w.id, w.url, w.description, w.kinds, w.dataset_ids, w.state, w.disabled_because, w.disabled_at,
        w.failing_since, w.created_by, w.created_at, (select count(*)::int from webhook_secrets s
          where s.tenant_id = w.tenant_id and s.webhook_id = w.id and (s.expires_at is null or s.expires_at > now()))
          as secrets`
      const toWebhook = (row: typeof Row.Type) => new Webhook(row)

      const found = maybeRow(Row)
      const find: WebhooksRepo["Service"]["find"] = (tenantId, webhookId) =>
        Effect.map(
          found(sql`select ${columns} from webhooks w where w.tenant_id = ${tenantId} and w.id = ${webhookId}`),
          Option.map(toWebhook)
        )

      const listed = rows(Schema.Struct({ ...Row.fields, at: Schema.String }))
      const Position = Schema.Tuple([CursorInstant, WebhookId])
      const list: WebhooksRepo["Service"]["list"] = Effect.fn("WebhooksRepo.list")(
        function*(tenantId, { cursor, limit = 50 }) {
          const after = decodeCursor(Position, cursor)
          if (Option.isNone(after)) return Option.none()
          const older = after.value === undefined
            ? sql``
            : sql`and (w.created_at, w.id) < (${after.value[0]}::timestamptz, ${after.value[1]}::uuid)`
          const many = yield* listed(sql`select ${columns}, w.created_at::text as at from webhooks w
            where w.tenant_id = ${tenantId} ${older} order by w.created_at desc, w.id desc limit ${limit + 1}`)
          const shown = many.slice(0, limit)
          const last = shown.at(-1)
          return Option.some({
            items: shown.map(({ at: _at, ...row }) => toWebhook(row)),
            ...(many.length > limit && last !== undefined && { next: encodeCursor(Position, [last.at, last.id]) })
          })
        }
      )

      const counted = oneRow(Schema.Struct({ webhooks: Schema.Int }))
      const count: WebhooksRepo["Service"]["count"] = Effect.fn("WebhooksRepo.count")(function*(tenantId) {
        yield* done(sql`select 1 from tenants where id = ${tenantId} for no key update`)
        const { webhooks } = yield* counted(sql`select count(*)::int as webhooks from webhooks
          where tenant_id = ${tenantId}`)
        return webhooks
      })

      const insert: WebhooksRepo["Service"]["insert"] = Effect.fn("WebhooksRepo.insert")(
        function*(caller, { datasetIds, description, kinds, url }) {
          const { actor, tenantId } = caller
          const id = yield* newId(WebhookId)
          yield* done(sql`insert into webhooks
              (tenant_id, id, url, description, kinds, dataset_ids, after, owner, created_by)
            values (${tenantId}, ${id}, ${url}, ${description}, ${kinds === null ? null : [...kinds]}::text[],
              ${datasetIds === null ? null : [...datasetIds]}::uuid[],
              coalesce((select newest from event_heads where tenant_id = ${tenantId}), 0),
              ${ownerOf(caller)}, ${json(encodeActor(actor))}::jsonb)`)
          return id
        }
      )

      const locked = maybeRow(Schema.Struct({ id: WebhookId }))
      const lock: WebhooksRepo["Service"]["lock"] = (tenantId, webhookId) =>
        Effect.map(
          locked(sql`select id from webhooks where tenant_id = ${tenantId} and id = ${webhookId} for update`),
          Option.isSome
        )

      const update: WebhooksRepo["Service"]["update"] = (tenantId, id, { datasetIds, description, kinds, url }) =>
        done(sql`update webhooks set url = coalesce(${url ?? null}, url),
            description = coalesce(${description ?? null}, description)
            ${kinds === undefined ? sql`` : sql`, kinds = ${kinds === null ? null : [...kinds]}::text[]`}
            ${
          datasetIds === undefined
            ? sql``
            : sql`, dataset_ids = ${datasetIds === null ? null : [...datasetIds]}::uuid[]`
        }
          where tenant_id = ${tenantId} and id = ${id}`)

      const owners = maybeRow(Schema.Struct({ owner: Schema.String }))
      const disable: WebhooksRepo["Service"]["disable"] = (tenantId, webhookId, because) =>
        Effect.map(
          owners(sql`update webhooks set state = 'disabled', disabled_because = ${because}, disabled_at = now()
            where tenant_id = ${tenantId} and id = ${webhookId} and state = 'enabled' returning owner`),
          Option.map(({ owner }) => owner)
        )

      return WebhooksRepo.of({
        find,
        list,
        count,
        insert,
        lock,
        update,
        disable,
        enable: (tenantId, webhookId) =>
          done(sql`update webhooks set state = 'enabled', disabled_because = null, disabled_at = null,
              failing_since = null
            where tenant_id = ${tenantId} and id = ${webhookId} and state = 'disabled'`),
        remove: (tenantId, webhookId) =>
          done(sql`delete from webhooks where tenant_id = ${tenantId} and id = ${webhookId}`)
      })
    })
  )
}
