import type { DatasetId, DeliveryId, WebhookId } from "@sheaf/domain/ids"
import type { EventKind } from "@sheaf/domain/notifications/kinds"
import type { Delivery, DeliveryState } from "@sheaf/domain/webhooks/Delivery"
import type { Webhook } from "@sheaf/domain/webhooks/Webhook"
import type { Effect } from "effect"
import type { Calls } from "../connection/Calls.ts"
import type { CallError } from "../connection/rpc.ts"
import type { CallOptions, MutationOptions, Page, PageOptions } from "../options.ts"
import type { Feed } from "../streams/Feed.ts"
import { pageOf } from "./Datasets.ts"
import { everyItem } from "./pages.ts"

export interface NewWebhook {
  readonly url: string
  readonly description?: string
  /** Which events it is told of, such as `document.published`; left out or `null`: all. */
  readonly kinds?: ReadonlyArray<EventKind> | null
  /** Ids of datasets; left out or `null`: all, and what belongs to none. */
  readonly datasetIds?: ReadonlyArray<string> | null
}

/** The secret is told once: what is sent is signed with it, see `verifyWebhook`. */
export interface WebhookWithSecret {
  readonly webhook: Webhook
  readonly secret: string
}

export interface DeliveriesListOptions extends PageOptions, CallOptions {
  readonly webhookId: string
  readonly state?: DeliveryState
}

type Listing = PageOptions & CallOptions

/** Addresses that are told of events as they happen: for keys with the scope `admin`. */
export interface Webhooks {
  readonly create: (
    webhook: NewWebhook,
    options?: MutationOptions
  ) => Effect.Effect<WebhookWithSecret, CallError<"WebhooksCreate">>
  readonly get: (webhookId: string, options?: CallOptions) => Effect.Effect<Webhook, CallError<"WebhooksGet">>
  /** One page, newest first. */
  readonly list: (options?: Listing) => Effect.Effect<Page<Webhook>, CallError<"WebhooksList">>
  readonly all: (options?: Listing) => Feed<Webhook, CallError<"WebhooksList">>
  readonly update: (
    webhookId: string,
    changes: Partial<NewWebhook>,
    options?: MutationOptions
  ) => Effect.Effect<Webhook, CallError<"WebhooksUpdate">>
  /** Another secret; the one before goes on signing beside it for `overlapHours`, 24 if nothing is said. */
  readonly rotate: (
    webhookId: string,
    options?: MutationOptions & { readonly overlapHours?: number }
  ) => Effect.Effect<WebhookWithSecret, CallError<"WebhooksRotate">>
  readonly disable: (
    webhookId: string,
    options?: MutationOptions
  ) => Effect.Effect<Webhook, CallError<"WebhooksDisable">>
  /** What happens from now on is sent; `redeliver` sends what was not. */
  readonly enable: (webhookId: string, options?: MutationOptions) => Effect.Effect<Webhook, CallError<"WebhooksEnable">>
  /** With its deliveries. */
  readonly delete: (webhookId: string, options?: MutationOptions) => Effect.Effect<void, CallError<"WebhooksDelete">>
  /** One page of what was sent, newest first, with every attempt. */
  readonly deliveries: (
    options: DeliveriesListOptions
  ) => Effect.Effect<Page<Delivery>, CallError<"WebhooksDeliveries">>
  readonly everyDelivery: (options: DeliveriesListOptions) => Feed<Delivery, CallError<"WebhooksDeliveries">>
  /** Sends a delivery again, or else all that failed or were skipped (the 1,000 latest). Answers how many. */
  readonly redeliver: (
    webhookId: string,
    options?: MutationOptions & { readonly deliveryId?: string }
  ) => Effect.Effect<{ readonly deliveries: number }, CallError<"WebhooksRedeliver">>
  /** Sends a message of the kind `webhook.test`. */
  readonly test: (webhookId: string, options?: MutationOptions) => Effect.Effect<Delivery, CallError<"WebhooksTest">>
}

/** Ids are checked by the server. */
const detailsOf = <Details extends Partial<NewWebhook>>({ datasetIds, ...details }: Details) => ({
  ...details,
  ...(datasetIds !== undefined && { datasetIds: datasetIds as ReadonlyArray<DatasetId> | null })
})

export const makeWebhooks = (calls: Calls): Webhooks => {
  const of = (webhookId: string) => ({ webhookId: webhookId as WebhookId })
  const list: Webhooks["list"] = ({ cursor, limit, ...options } = {}) =>
    calls.query("WebhooksList", pageOf({ cursor, limit }), options)
  const deliveries: Webhooks["deliveries"] = ({ cursor, limit, state, webhookId, ...options }) =>
    calls.query(
      "WebhooksDeliveries",
      { ...of(webhookId), ...(state !== undefined && { state }), ...pageOf({ cursor, limit }) },
      options
    )
  return {
    create: (webhook, options) => calls.mutate("WebhooksCreate", detailsOf(webhook), options),
    get: (webhookId, options) => calls.query("WebhooksGet", of(webhookId), options),
    list,
    all: (options = {}) => everyItem(list, options),
    update: (webhookId, changes, options) =>
      calls.mutate("WebhooksUpdate", { ...of(webhookId), ...detailsOf(changes) }, options),
    rotate: (webhookId, { overlapHours, ...options } = {}) =>
      calls.mutate(
        "WebhooksRotate",
        { ...of(webhookId), ...(overlapHours !== undefined && { overlapHours }) },
        options
      ),
    disable: (webhookId, options) => calls.mutate("WebhooksDisable", of(webhookId), options),
    enable: (webhookId, options) => calls.mutate("WebhooksEnable", of(webhookId), options),
    delete: (webhookId, options) => calls.mutate("WebhooksDelete", of(webhookId), options),
    deliveries,
    everyDelivery: (options) => everyItem(deliveries, options),
    redeliver: (webhookId, { deliveryId, ...options } = {}) =>
      calls.mutate(
        "WebhooksRedeliver",
        { ...of(webhookId), ...(deliveryId !== undefined && { deliveryId: deliveryId as DeliveryId }) },
        options
      ),
    test: (webhookId, options) => calls.mutate("WebhooksTest", of(webhookId), options)
  }
}
