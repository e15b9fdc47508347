import { Schema } from "effect"
import { Rpc, RpcGroup } from "effect/rpc"
import { DatasetNotFound } from "../datasets/errors.ts"
import { BadRequest, QuotaExceeded } from "../edge/errors.ts"
import { mutation } from "../edge/mutation.ts"
import { Page, PageFields } from "../edge/page.ts"
import { DeliveryId, WebhookId } from "../ids.ts"
import { isStorable } from "../text.ts"
import { Delivery, DeliveryState } from "./Delivery.ts"
import { DeliveryNotFound, WebhookDisabled, WebhookNotFound, WebhookUrlRefused } from "./errors.ts"
import { overlapHours, Webhook, webhookFilters, WebhookUrl } from "./Webhook.ts"

const one = { webhookId: WebhookId } as const

const details = {
  description: Schema.optionalKey(Schema.String.check(Schema.isMaxLength(2_000), isStorable)),
  kinds: Schema.optionalKey(webhookFilters.kinds),
  datasetIds: Schema.optionalKey(webhookFilters.datasetIds)
} as const

/** A secret is answered once, by the call that made it: `whsec_` and base64, as Standard Webhooks has it. */
const WithSecret = Schema.Struct({ webhook: Webhook, secret: Schema.String })

/** Addresses that are told of the tenant's events, and what became of each call. All of it is for keys with the scope `admin`. */
export class WebhooksRpcs extends RpcGroup.make(
  /** Sends what happens from now on. */
  mutation("WebhooksCreate", {
    payload: { url: WebhookUrl, ...details },
    success: WithSecret,
    error: Schema.Union([WebhookUrlRefused, QuotaExceeded, DatasetNotFound, BadRequest])
  }),
  Rpc.make("WebhooksGet", { payload: one, success: Webhook, error: WebhookNotFound }),
  /** Newest first. */
  Rpc.make("WebhooksList", { payload: PageFields, success: Page(Webhook), error: BadRequest }),
  /** What is left out stays; `null` is all kinds, or all datasets. */
  mutation("WebhooksUpdate", {
    payload: { ...one, url: Schema.optionalKey(WebhookUrl), ...details },
    success: Webhook,
    error: Schema.Union([WebhookNotFound, WebhookUrlRefused, DatasetNotFound])
  }),
  /** Another secret. The ones before it go on signing beside it for so long, at most; 0: not at all. */
  mutation("WebhooksRotate", {
    payload: {
      ...one,
      overlapHours: Schema.optionalKey(
        Schema.Int.check(Schema.isBetween({ minimum: 0, maximum: overlapHours.most }))
      )
    },
    success: WithSecret,
    error: Schema.Union([WebhookNotFound, BadRequest])
  }),
  /** Nothing is sent any more; what is on its way is skipped, and what happens meanwhile is not sent later. */
  mutation("WebhooksDisable", { payload: one, success: Webhook, error: WebhookNotFound }),
  /** What happens from now on is sent. What was not delivered is sent again by `WebhooksRedeliver`. */
  mutation("WebhooksEnable", { payload: one, success: Webhook, error: WebhookNotFound }),
  /** With its deliveries. */
  mutation("WebhooksDelete", { payload: one, error: WebhookNotFound }),
  /** Newest first. */
  Rpc.make("WebhooksDeliveries", {
    payload: { ...one, state: Schema.optionalKey(DeliveryState), ...PageFields },
    success: Page(Delivery),
    error: Schema.Union([WebhookNotFound, BadRequest])
  }),
  /**
   * Sends again, under the same id: one delivery, whatever became of it, or else all that failed or were skipped, the 1,000 latest. Answers
   * how many.
   */
  mutation("WebhooksRedeliver", {
    payload: { ...one, deliveryId: Schema.optionalKey(DeliveryId) },
    success: Schema.Struct({ deliveries: Schema.Int }),
    error: Schema.Union([WebhookNotFound, DeliveryNotFound, WebhookDisabled])
  }),
  /** Sends a message of the kind `webhook.test`, as any other. */
  mutation("WebhooksTest", {
    payload: one,
    success: Delivery,
    error: Schema.Union([WebhookNotFound, WebhookDisabled])
  })
) {}
