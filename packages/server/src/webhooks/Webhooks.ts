import { GuardedFetch, make as makeFetch } from "@sheaf/adapters/fetch/GuardedFetch"
import type { PageOptions } from "@sheaf/adapters/repos/datasets/DatasetsRepo"
import { WebhookSecretsRepo } from "@sheaf/adapters/repos/webhooks/WebhookSecretsRepo"
import { type WebhookDetails, WebhooksRepo } from "@sheaf/adapters/repos/webhooks/WebhooksRepo"
import type { DatasetNotFound } from "@sheaf/domain/datasets/errors"
import type { Caller } from "@sheaf/domain/edge/Caller"
import { BadRequest, QuotaExceeded } from "@sheaf/domain/edge/errors"
import type { DatasetId, PageCursor, WebhookId } from "@sheaf/domain/ids"
import { WebhookNotFound, WebhookUrlRefused } from "@sheaf/domain/webhooks/errors"
import { maxWebhooks, overlapHours, type Webhook } from "@sheaf/domain/webhooks/Webhook"
import { Array as Arr, Context, Effect, Layer, Option, Redacted } from "effect"
import { SecureRandom } from "effect/crypto"
import { Datasets } from "../datasets/Datasets.ts"
import { pageOr } from "../edge/pageOr.ts"

export interface Named {
  readonly webhookId: WebhookId
}

interface WithSecret {
  readonly webhook: Webhook
  readonly secret: string
}

/** As Standard Webhooks writes secrets: 256 random bits. */
const newSecret = () => `whsec_${Buffer.from(SecureRandom.randomBytesUnsafe(32)).toString("base64")}`

/** Addresses that are told of a tenant's events. Changes are part of the caller's transaction. */
export class Webhooks extends Context.Service<Webhooks, {
  readonly create: (
    caller: Caller,
    wish: Pick<WebhookDetails, "url"> & Partial<WebhookDetails>
  ) => Effect.Effect<WithSecret, WebhookUrlRefused | QuotaExceeded | DatasetNotFound | BadRequest>
  readonly get: (caller: Caller, webhook: Named) => Effect.Effect<Webhook, WebhookNotFound>
  readonly list: (
    caller: Caller,
    options: PageOptions
  ) => Effect.Effect<{ readonly items: ReadonlyArray<Webhook>; readonly next?: PageCursor }, BadRequest>
  readonly update: (
    caller: Caller,
    change: Named & Partial<WebhookDetails>
  ) => Effect.Effect<Webhook, WebhookNotFound | WebhookUrlRefused | DatasetNotFound>
  readonly rotate: (
    caller: Caller,
    webhook: Named & { readonly overlapHours?: number }
  ) => Effect.Effect<WithSecret, WebhookNotFound | BadRequest>
  readonly disable: (caller: Caller, webhook: Named) => Effect.Effect<Webhook, WebhookNotFound>
  readonly enable: (caller: Caller, webhook: Named) => Effect.Effect<Webhook, WebhookNotFound>
  readonly remove: (caller: Caller, webhook: Named) => Effect.Effect<void, WebhookNotFound>
}>()("@sheaf/server/webhooks/Webhooks") {
  static readonly layer = Layer.effect(
    Webhooks,
    Effect.gen(function*() {
      const datasets = yield* Datasets
      const fetch = Option.getOrElse(yield* Effect.serviceOption(GuardedFetch), () => makeFetch({}))
      const repo = yield* WebhooksRepo
      const secrets = yield* WebhookSecretsRepo

      const get: Webhooks["Service"]["get"] = Effect.fn("Webhooks.get")(function*({ tenantId }, { webhookId }) {
        const found = yield* repo.find(tenantId, webhookId)
        if (Option.isNone(found)) return yield* new WebhookNotFound({ webhookId })
        return found.value
      })

      const lock = Effect.fnUntraced(function*({ tenantId }: Caller, webhookId: WebhookId) {
        if (!(yield* repo.lock(tenantId, webhookId))) return yield* new WebhookNotFound({ webhookId })
      })

      const checkUrl = (url: string) =>
        fetch.check(url).pipe(Effect.mapError(({ detail }) => new WebhookUrlRefused({ url, problem: detail })))

      const checkDatasets = (caller: Caller, datasetIds: ReadonlyArray<DatasetId> | null | undefined) =>
        Effect.forEach(datasetIds ?? [], (datasetId) => datasets.get(caller, { datasetId }), { discard: true })

      const addSecret = Effect.fnUntraced(function*(caller: Caller, webhookId: WebhookId, hours: number) {
        const secret = newSecret()
        yield* secrets.add(caller.tenantId, webhookId, Redacted.make(secret), hours).pipe(
          Effect.mapError(({ message }) => new BadRequest({ reason: message }))
        )
        return { webhook: yield* Effect.orDie(get(caller, { webhookId })), secret }
      })

      const create: Webhooks["Service"]["create"] = Effect.fn("Webhooks.create")(
        function*(caller, { datasetIds = null, description = "", kinds = null, url }) {
          yield* checkUrl(url)
          yield* checkDatasets(caller, datasetIds)
          if ((yield* repo.count(caller.tenantId)) >= maxWebhooks) {
            return yield* new QuotaExceeded({ quota: "webhooks", limit: maxWebhooks })
          }
          const details = { url, description, kinds: kinds && Arr.dedupe(kinds), datasetIds }
          return yield* addSecret(caller, yield* repo.insert(caller, details), 0)
        }
      )

      const update: Webhooks["Service"]["update"] = Effect.fn("Webhooks.update")(
        function*(caller, { webhookId, ...change }) {
          if (change.url !== undefined) yield* checkUrl(change.url)
          yield* checkDatasets(caller, change.datasetIds)
          yield* lock(caller, webhookId)
          yield* repo.update(caller.tenantId, webhookId, change)
          return yield* get(caller, { webhookId })
        }
      )

      /** A change of one that is locked. */
      const changing = (change: (caller: Caller, webhookId: WebhookId) => Effect.Effect<unknown>) =>
        Effect.fnUntraced(function*(caller: Caller, { webhookId }: Named) {
          yield* lock(caller, webhookId)
          yield* change(caller, webhookId)
          return yield* get(caller, { webhookId })
        })

      return Webhooks.of({
        create,
        get,
        list: ({ tenantId }, options) => pageOr(repo.list(tenantId, options)),
        update,
        rotate: Effect.fn("Webhooks.rotate")(
          function*(caller, { overlapHours: hours = overlapHours.usual, webhookId }) {
            yield* lock(caller, webhookId)
            return yield* addSecret(caller, webhookId, hours)
          }
        ),
        disable: changing(({ tenantId }, webhookId) => repo.disable(tenantId, webhookId, "asked")),
        enable: changing(({ tenantId }, webhookId) => repo.enable(tenantId, webhookId)),
        remove: Effect.fn("Webhooks.remove")(function*(caller, { webhookId }) {
          yield* lock(caller, webhookId)
          yield* repo.remove(caller.tenantId, webhookId)
        })
      })
    })
  )
}
