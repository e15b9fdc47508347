import type { PageOptions } from "@sheaf/adapters/repos/datasets/DatasetsRepo"
import { MailListsRepo, type MailsOptions } from "@sheaf/adapters/repos/notifications/MailListsRepo"
import { SubscriptionsRepo } from "@sheaf/adapters/repos/notifications/SubscriptionsRepo"
import type { DatasetNotFound } from "@sheaf/domain/datasets/errors"
import type { Caller } from "@sheaf/domain/edge/Caller"
import { type BadRequest, QuotaExceeded } from "@sheaf/domain/edge/errors"
import type { PageCursor, SubscriptionId } from "@sheaf/domain/ids"
import { SubscriptionNotFound } from "@sheaf/domain/notifications/errors"
import type { Mail } from "@sheaf/domain/notifications/Mail"
import { maxSubscriptions, type Subscription } from "@sheaf/domain/notifications/Subscription"
import { Context, Effect, Layer } from "effect"
import { Datasets } from "../datasets/Datasets.ts"
import { pageOr } from "../edge/pageOr.ts"

/** Who is mailed of what happens. Changes are part of the caller's transaction. */
export class Subscriptions extends Context.Service<Subscriptions, {
  readonly subscribe: (
    caller: Caller,
    wish: Pick<Subscription, "address"> & Partial<Pick<Subscription, "kinds" | "datasetIds">>
  ) => Effect.Effect<Subscription, QuotaExceeded | DatasetNotFound>
  readonly list: (
    caller: Caller,
    options: PageOptions
  ) => Effect.Effect<{ readonly items: ReadonlyArray<Subscription>; readonly next?: PageCursor }, BadRequest>
  readonly mails: (
    caller: Caller,
    options: MailsOptions
  ) => Effect.Effect<{ readonly items: ReadonlyArray<Mail>; readonly next?: PageCursor }, BadRequest>
  readonly unsubscribe: (
    caller: Caller,
    which: { readonly subscriptionId: SubscriptionId }
  ) => Effect.Effect<void, SubscriptionNotFound>
}>()("@sheaf/server/notifications/Subscriptions") {
  static readonly layer = Layer.effect(
    Subscriptions,
    Effect.gen(function*() {
      const datasets = yield* Datasets
      const mails = yield* MailListsRepo
      const repo = yield* SubscriptionsRepo
      return Subscriptions.of({
        subscribe: Effect.fn("Subscriptions.subscribe")(
          function*(caller, { address, datasetIds = null, kinds = null }) {
            yield* Effect.forEach(datasetIds ?? [], (datasetId) => datasets.get(caller, { datasetId }), {
              discard: true
            })
            if ((yield* repo.count(caller.tenantId)) >= maxSubscriptions) {
              return yield* new QuotaExceeded({ quota: "mail subscriptions", limit: maxSubscriptions })
            }
            return yield* repo.insert(caller, { address, kinds, datasetIds })
          }
        ),
        list: ({ tenantId }, options) => pageOr(repo.list(tenantId, options)),
        mails: ({ tenantId }, options) => pageOr(mails.list(tenantId, options)),
        unsubscribe: Effect.fn("Subscriptions.unsubscribe")(function*({ tenantId }, { subscriptionId }) {
          if (!(yield* repo.remove(tenantId, subscriptionId))) {
            return yield* new SubscriptionNotFound({ subscriptionId })
          }
        })
      })
    })
  )
}
