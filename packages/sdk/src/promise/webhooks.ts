import type { Delivery } from "@sheaf/domain/webhooks/Delivery"
import type { Webhook } from "@sheaf/domain/webhooks/Webhook"
import type { DeliveriesListOptions, NewWebhook, WebhookWithSecret } from "../areas/Webhooks.ts"
import type { CallOptions, MutationOptions, PageOptions } from "../options.ts"
import type { PageCall } from "./PageCall.ts"
import { pages } from "./pages.ts"
import { type Abortable, callSite, type Runner } from "./Runner.ts"

type Mutation = MutationOptions & Abortable

/** Addresses that are told of events as they happen: for keys with the scope `admin`. */
export interface WebhooksClient {
  /** The answer has the secret, which nobody can read again: what is sent is signed with it, see `verifyWebhook`. */
  create(webhook: NewWebhook, options?: Mutation): Promise<WebhookWithSecret>
  get(webhookId: string, options?: CallOptions & Abortable): Promise<Webhook>
  /** Newest first. */
  list(options?: PageOptions & CallOptions & Abortable): PageCall<Webhook>
  update(webhookId: string, changes: Partial<NewWebhook>, options?: Mutation): Promise<Webhook>
  /** Another secret; the one before goes on signing beside it for `overlapHours`, 24 if nothing is said. */
  rotate(webhookId: string, options?: Mutation & { readonly overlapHours?: number }): Promise<WebhookWithSecret>
  disable(webhookId: string, options?: Mutation): Promise<Webhook>
  /** What happens from now on is sent; `redeliver` sends what was not. */
  enable(webhookId: string, options?: Mutation): Promise<Webhook>
  /** With its deliveries. */
  delete(webhookId: string, options?: Mutation): Promise<void>
  /** What was sent, newest first, with every attempt. */
  deliveries(options: DeliveriesListOptions & Abortable): PageCall<Delivery>
  /** Sends a delivery again, or else all that failed or were skipped (the 1,000 latest). Answers how many. */
  redeliver(
    webhookId: string,
    options?: Mutation & { readonly deliveryId?: string }
  ): Promise<{ readonly deliveries: number }>
  /** Sends a message of the kind `webhook.test`. */
  test(webhookId: string, options?: Mutation): Promise<Delivery>
}

export const webhooksOf = (runner: Runner): WebhooksClient => ({
  create(webhook, options) {
    return runner.run(callSite(), (sheaf) => sheaf.webhooks.create(webhook, options), options)
  },
  get(webhookId, options) {
    return runner.run(callSite(), (sheaf) => sheaf.webhooks.get(webhookId, options), options)
  },
  list(options) {
    return pages(runner, (sheaf) => sheaf.webhooks, options ?? {})
  },
  update(webhookId, changes, options) {
    return runner.run(callSite(), (sheaf) => sheaf.webhooks.update(webhookId, changes, options), options)
  },
  rotate(webhookId, options) {
    return runner.run(callSite(), (sheaf) => sheaf.webhooks.rotate(webhookId, options), options)
  },
  disable(webhookId, options) {
    return runner.run(callSite(), (sheaf) => sheaf.webhooks.disable(webhookId, options), options)
  },
  enable(webhookId, options) {
    return runner.run(callSite(), (sheaf) => sheaf.webhooks.enable(webhookId, options), options)
  },
  delete(webhookId, options) {
    return runner.run(callSite(), (sheaf) => sheaf.webhooks.delete(webhookId, options), options)
  },
  deliveries(options) {
    return pages(runner, ({ webhooks }) => ({ list: webhooks.deliveries, all: webhooks.everyDelivery }), options)
  },
  redeliver(webhookId, options) {
    return runner.run(callSite(), (sheaf) => sheaf.webhooks.redeliver(webhookId, options), options)
  },
  test(webhookId, options) {
    return runner.run(callSite(), (sheaf) => sheaf.webhooks.test(webhookId, options), options)
  }
})
