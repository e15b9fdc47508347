import { Authentication } from "@sheaf/domain/edge/middleware"
import { WebhooksRpcs } from "@sheaf/domain/webhooks/WebhooksRpcs"
import { Effect } from "effect"
import { withCaller } from "../edge/withCaller.ts"
import { Deliveries } from "./Deliveries.ts"
import { Webhooks } from "./Webhooks.ts"

const group = WebhooksRpcs.middleware(Authentication)

export const layer = group.toLayer(Effect.gen(function*() {
  const deliveries = yield* Deliveries
  const webhooks = yield* Webhooks
  return group.of({
    WebhooksCreate: withCaller(webhooks.create),
    WebhooksGet: withCaller(webhooks.get),
    WebhooksList: withCaller(webhooks.list),
    WebhooksUpdate: withCaller(webhooks.update),
    WebhooksRotate: withCaller(webhooks.rotate),
    WebhooksDisable: withCaller(webhooks.disable),
    WebhooksEnable: withCaller(webhooks.enable),
    WebhooksDelete: withCaller(webhooks.remove),
    WebhooksDeliveries: withCaller(deliveries.list),
    WebhooksRedeliver: withCaller(deliveries.redeliver),
    WebhooksTest: withCaller(deliveries.test)
  })
}))
