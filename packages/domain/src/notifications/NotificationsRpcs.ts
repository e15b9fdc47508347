import { Schema } from "effect"
import { Rpc, RpcGroup } from "effect/rpc"
import { DatasetNotFound } from "../datasets/errors.ts"
import { BadRequest, QuotaExceeded } from "../edge/errors.ts"
import { mutation } from "../edge/mutation.ts"
import { Page, PageFields } from "../edge/page.ts"
import { SubscriptionId } from "../ids.ts"
import { webhookFilters } from "../webhooks/Webhook.ts"
import { SubscriptionNotFound } from "./errors.ts"
import { Mail, MailState } from "./Mail.ts"
import { MailAddress, Subscription } from "./Subscription.ts"

/** Who is mailed of what happens. All of it is for keys with the scope `admin`. */
export class NotificationsRpcs extends RpcGroup.make(
  /** Of what happens from now on. */
  mutation("NotificationsSubscribe", {
    payload: {
      address: MailAddress,
      kinds: Schema.optionalKey(webhookFilters.kinds),
      datasetIds: Schema.optionalKey(webhookFilters.datasetIds)
    },
    success: Subscription,
    error: Schema.Union([QuotaExceeded, DatasetNotFound])
  }),
  /** Newest first. */
  Rpc.make("NotificationsList", { payload: PageFields, success: Page(Subscription), error: BadRequest }),
  /** What was mailed in the last 30 days and is on its way, newest first. */
  Rpc.make("NotificationsMails", {
    payload: { state: Schema.optionalKey(MailState), ...PageFields },
    success: Page(Mail),
    error: BadRequest
  }),
  mutation("NotificationsUnsubscribe", {
    payload: { subscriptionId: SubscriptionId },
    error: SubscriptionNotFound
  })
) {}
