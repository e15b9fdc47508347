import { Schema } from "effect"
import { Actor } from "../edge/Caller.ts"
import { DatasetId, WebhookId } from "../ids.ts"
import { EventKind } from "../notifications/kinds.ts"
import { isStorable } from "../text.ts"
import { Timestamp } from "../time.ts"

/** Of a tenant. */
export const maxWebhooks = 20

/** How long a secret goes on signing beside the one that follows it, if nothing else is said, and at most. */
export const overlapHours = { usual: 24, most: 168 } as const

export const WebhookUrl = Schema.String.check(Schema.isBetweenLength(1, 2_000), isStorable)

/** What of a tenant's events is sent: `null` is all of it. */
export const webhookFilters = {
  kinds: Schema.NullOr(Schema.Array(EventKind).check(Schema.isBetweenLength(1, 50))),
  datasetIds: Schema.NullOr(Schema.Array(DatasetId).check(Schema.isBetweenLength(1, 100)))
} as const

/**
 * Why nothing is sent: somebody asked for it, the receiver answered 410, or nothing got through for as long as one delivery is tried.
 */
export const WhyDisabled = Schema.Literals(["asked", "gone", "failing"])
export type WhyDisabled = typeof WhyDisabled.Type

/** An address of the tenant's that is told of events as they happen. */
export class Webhook extends Schema.Class<Webhook>("@sheaf/domain/webhooks/Webhook/Webhook")({
  id: WebhookId,
  url: Schema.String,
  description: Schema.String,
  ...webhookFilters,
  state: Schema.Literals(["enabled", "disabled"]),
  /** `null` while it is enabled. */
  disabledBecause: Schema.NullOr(WhyDisabled),
  disabledAt: Schema.NullOr(Timestamp),
  /** Nothing got through since then; `null`: the last delivery did. */
  failingSince: Schema.NullOr(Timestamp),
  /** Secrets that sign now: more than one after a rotation. */
  secrets: Schema.Int,
  createdBy: Actor,
  createdAt: Timestamp
}) {}
