import { Schema } from "effect"
import { SubscriptionId } from "../ids.ts"

export class SubscriptionNotFound extends Schema.TaggedError<SubscriptionNotFound>()("SubscriptionNotFound", {
  subscriptionId: SubscriptionId
}) {
  override get message() {
    return `There is no subscription ${this.subscriptionId}. List them with \`sheaf notifications list\`.`
  }
}
