import { TenantId, WebhookId } from "@sheaf/domain/ids"
import { Context, Effect, Layer, type Redacted, Schema } from "effect"
import { SqlClient } from "effect/sql"
import { keyIdOf, type NoSecretKey, Sealed, Secrets, type SecretUnreadable } from "../../secrets/Secrets.ts"
import { done, oneRow, rows } from "../rows.ts"
import { sealingAgain } from "../sealingAgain.ts"

const Row = Schema.Struct({ tenantId: TenantId, webhookId: WebhookId, number: Schema.Int, sealed: Sealed })

/** Whose secret it is: sealed for one webhook, it opens for no other. */
const ownerOf = (tenantId: TenantId, webhookId: WebhookId) => ["webhooks", tenantId, webhookId]

/** What is sent to webhooks is signed with these, sealed. Nobody but the worker that signs ever opens one. */
export class WebhookSecretsRepo extends Context.Service<WebhookSecretsRepo, {
  /** The next secret of a webhook that is locked; the ones before it end after so many hours at the latest. */
  readonly add: (
    tenantId: TenantId,
    webhookId: WebhookId,
    secret: Redacted.Redacted,
    overlapHours: number
  ) => Effect.Effect<void, NoSecretKey>
  /** All that sign now, newest first. */
  readonly open: (
    tenantId: TenantId,
    webhookId: WebhookId
  ) => Effect.Effect<ReadonlyArray<Redacted.Redacted>, SecretUnreadable>
  /** Seals what another key has sealed, of any tenant, with the newest one. Answers how many it looked at. */
  readonly sealAgain: Effect.Effect<number>
}>()("@sheaf/adapters/repos/webhooks/WebhookSecretsRepo") {
  static readonly layer = Layer.effect(
    WebhookSecretsRepo,
    Effect.gen(function*() {
      const sql = yield* SqlClient.SqlClient
      const box = yield* Secrets

      const next = oneRow(Schema.Struct({ number: Schema.Int }))
      const add: WebhookSecretsRepo["Service"]["add"] = Effect.fn("WebhookSecretsRepo.add")(
        function*(tenantId, webhookId, secret, overlapHours) {
          const sealed = yield* box.seal(secret, ownerOf(tenantId, webhookId))
          const of = sql`tenant_id = ${tenantId} and webhook_id = ${webhookId}`
          const { number } = yield* next(sql`select coalesce(max(number), 0) + 1 as number from webhook_secrets
            where ${of}`)
          yield* done(sql`update webhook_secrets
            set expires_at = least(expires_at, now() + make_interval(hours => ${overlapHours})) where ${of}`)
          yield* done(sql`delete from webhook_secrets where ${of} and expires_at <= now()`)
          yield* done(sql`insert into webhook_secrets (tenant_id, webhook_id, number, sealed, key_id)
            values (${tenantId}, ${webhookId}, ${number}, ${sealed}, ${keyIdOf(sealed)})`)
        }
      )

      const live = rows(Schema.Struct({ sealed: Sealed }))
      const open: WebhookSecretsRepo["Service"]["open"] = Effect.fn("WebhookSecretsRepo.open")(
        function*(tenantId, webhookId) {
          const found = yield* live(sql`select sealed from webhook_secrets
            where tenant_id = ${tenantId} and webhook_id = ${webhookId} and (expires_at is null or expires_at > now())
            order by number desc`)
          return yield* Effect.forEach(found, ({ sealed }) => box.open(sealed, ownerOf(tenantId, webhookId)))
        }
      )

      const stale = rows(Row)
      const sealAgain = sealingAgain<typeof Row.Type>(box, {
        nameOf: ({ webhookId }) => `a secret of webhook ${webhookId}`,
        ownerOf: ({ tenantId, webhookId }) => ownerOf(tenantId, webhookId),
        replace: ({ number, sealed, tenantId, webhookId }, next) =>
          done(sql`update webhook_secrets set sealed = ${next}, key_id = ${keyIdOf(next)}
            where tenant_id = ${tenantId} and webhook_id = ${webhookId} and number = ${number} and sealed = ${sealed}`),
        stale: (keyId, last, limit) => {
          const after = last === undefined
            ? sql``
            : sql`and (tenant_id, webhook_id, number) > (${last.tenantId}::uuid, ${last.webhookId}::uuid, ${last.number})`
          return stale(sql`select tenant_id, webhook_id, number, sealed from webhook_secrets
            where key_id <> ${keyId} ${after} order by tenant_id, webhook_id, number limit ${limit}`)
        }
      })

      return WebhookSecretsRepo.of({
        add,
        open,
        sealAgain: Effect.withSpan(sealAgain, "WebhookSecretsRepo.sealAgain")
      })
    })
  )
}
