import { Schema } from "effect"
import { DeliveryId, WebhookId } from "../ids.ts"

export class WebhookNotFound extends Schema.TaggedError<WebhookNotFound>()("WebhookNotFound", {
  webhookId: WebhookId
}) {
  override get message() {
    return `There is no webhook ${this.webhookId}. List them with \`sheaf webhooks list\`.`
  }
}

export class DeliveryNotFound extends Schema.TaggedError<DeliveryNotFound>()("DeliveryNotFound", {
  webhookId: WebhookId,
  deliveryId: DeliveryId
}) {
  override get message() {
    return `Webhook ${this.webhookId} has no delivery ${this.deliveryId}: deliveries are kept for 30 days after they are over.`
  }
}

/** An address that is never called. Says nothing of the network behind it. */
export class WebhookUrlRefused extends Schema.TaggedError<WebhookUrlRefused>()("WebhookUrlRefused", {
  url: Schema.String,
  problem: Schema.String
}) {
  override get message() {
    return `${this.url} cannot be a webhook: ${this.problem}. Give an https address in the public internet, or have your operator allow it (SHEAF_FETCH_ALLOW, SHEAF_WEBHOOKS_HTTP).`
  }
}

/** It is disabled: nothing is sent to it. */
export class WebhookDisabled extends Schema.TaggedError<WebhookDisabled>()("WebhookDisabled", {
  webhookId: WebhookId
}) {
  override get message() {
    return `Webhook ${this.webhookId} is disabled: nothing is sent to it. Enable it first with \`sheaf webhooks enable\`.`
  }
}
