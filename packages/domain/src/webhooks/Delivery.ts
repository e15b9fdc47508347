import { Schema } from "effect"
import { DeliveryId, EventCursor, WebhookId } from "../ids.ts"
import { EventKind } from "../notifications/kinds.ts"
import { Timestamp } from "../time.ts"

/** The longest that is kept of an answer, in characters. */
export const maxAnswerShown = 500

/** One call of a webhook. */
export const DeliveryAttempt = Schema.Struct({
  at: Timestamp,
  durationMs: Schema.Int,
  /** Of the answer; `null` where none came. */
  status: Schema.NullOr(Schema.Int),
  /** The beginning of the answer, or why there was none. */
  answer: Schema.String
})
export type DeliveryAttempt = typeof DeliveryAttempt.Type

/**
 * - `pending`: it is tried, or will be
 * - `delivered`: the receiver answered with a 2xx status
 * - `failed`: it was tried for a day, or the receiver is gone
 * - `skipped`: its webhook was disabled before it got through
 */
export const DeliveryState = Schema.Literals(["pending", "delivered", "failed", "skipped"])
export type DeliveryState = typeof DeliveryState.Type

/** What a delivery that somebody asked for to try out a webhook is known by. */
export const testKind = "webhook.test"

/** An event on its way to a webhook. */
export const Delivery = Schema.Struct({
  /** What is sent as `webhook-id`, with `msg_` in front: the same for every attempt. */
  id: DeliveryId,
  webhookId: WebhookId,
  kind: Schema.Union([EventKind, Schema.Literal(testKind)]),
  /** Of the event; `null` for a test. */
  cursor: Schema.NullOr(EventCursor),
  state: DeliveryState,
  /** The latest ten, oldest first. */
  attempts: Schema.Array(DeliveryAttempt),
  /** Since it was made, or asked for again. */
  tries: Schema.Int,
  /** When it is tried next; `null` when it is over. */
  nextAt: Schema.NullOr(Timestamp),
  createdAt: Timestamp,
  finishedAt: Schema.NullOr(Timestamp)
})
export type Delivery = typeof Delivery.Type

/** The name under which a receiver knows a delivery. */
export const messageId = (id: DeliveryId): string => `msg_${id}`
