import { Schema } from "effect"
import { Actor } from "../edge/Caller.ts"
import { SubscriptionId } from "../ids.ts"
import { Timestamp } from "../time.ts"
import { webhookFilters } from "../webhooks/Webhook.ts"

/** Of a tenant. */
export const maxSubscriptions = 100

/** Of a host's name (RFC 1035, section 2.3.1). */
const label = "[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?"

/** One address, as SMTP takes it: nothing around it, no list, no line breaks. */
export const MailAddress = Schema.String.check(
  Schema.isMaxLength(320),
  Schema.isPattern(new RegExp(`^[A-Za-z0-9.!#$%&'*+/=?^_\`{|}~-]{1,64}@${label}(?:\\.${label})*$`), {
    expected: "one mail address, like ops@example.com, and nothing around it"
  })
)

/** Somebody who is mailed of what happens. */
export class Subscription extends Schema.Class<Subscription>("@sheaf/domain/notifications/Subscription/Subscription")({
  id: SubscriptionId,
  address: Schema.String,
  /** `null`: every kind that people are mailed of, and every dataset. */
  ...webhookFilters,
  createdBy: Actor,
  createdAt: Timestamp
}) {}
