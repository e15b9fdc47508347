import { EventsRepo } from "@sheaf/adapters/repos/events/EventsRepo"
import { DeliveriesRepo, type Owed } from "@sheaf/adapters/repos/webhooks/DeliveriesRepo"
import { WebhooksRepo } from "@sheaf/adapters/repos/webhooks/WebhooksRepo"
import type { TenantId } from "@sheaf/domain/ids"
import type { DeliveryAttempt } from "@sheaf/domain/webhooks/Delivery"
import { Duration, Effect, Option, Random } from "effect"
import * as Stage from "../../pipeline/Stage.ts"
import { makeCallWebhook } from "./callWebhook.ts"
import { maxTries, patience, waitAfter } from "./schedule.ts"

/** What a receiver answers that wants no more of it. */
const gone = 410

/** How long a delivery waits for a key that its secret was sealed with. */
const keyless = Duration.minutes(10)

const isSuccess = ({ status }: DeliveryAttempt) => status !== null && status >= 200 && status < 300

/**
 * Calls a webhook until its receiver answers with a 2xx status, on a schedule of its own: an attempt and what follows from it are written
 * together. A call that nobody could write down any more is made again, under the same id.
 */
export const deliver = Effect.gen(function*() {
  const deliveries = yield* DeliveriesRepo
  const events = yield* EventsRepo
  const webhooks = yield* WebhooksRepo
  const call = yield* makeCallWebhook

  const again = (reason: string, delay: Duration.Duration) =>
    Effect.fail(new Stage.TryAgain({ reason, patient: true, delay }))

  const disable = Effect.fnUntraced(
    function*(tenantId: TenantId, { webhookId }: Owed, reason: "gone" | "failing") {
      const owner = yield* webhooks.disable(tenantId, webhookId, reason)
      if (Option.isNone(owner)) return
      yield* events.append(tenantId, { _tag: "WebhookDisabled", datasetId: null, webhookId, reason }, owner.value)
    }
  )

  /** The last attempt has failed. */
  const giveUp = Effect.fnUntraced(function*(tenantId: TenantId, owed: Owed, attempt: DeliveryAttempt) {
    const failing = yield* deliveries.settle(tenantId, owed, attempt, { state: "failed" })
    if (attempt.status === gone) yield* disable(tenantId, owed, "gone")
    else if (Duration.isGreaterThanOrEqualTo(failing, patience)) yield* disable(tenantId, owed, "failing")
  })

  return Stage.make({
    handles: "Deliver",
    concurrency: 8,
    timeout: "1 minute",
    run: Effect.fn("deliver")(function*({ claim: { tenantId }, job: { deliveryId }, write }) {
      const found = yield* deliveries.owed(tenantId, deliveryId)
      if (Option.isNone(found)) return Stage.nothing
      const owed = found.value
      if (!owed.isEnabled) return deliveries.skip(tenantId, deliveryId)
      if (owed.waitMs > 0) return yield* again("its next attempt is not due yet", Duration.millis(owed.waitMs))

      const { attempt, retryAfterMs } = yield* call(tenantId, owed).pipe(
        Effect.catchTag("SecretUnreadable", ({ message }) => again(`its secret cannot be read: ${message}`, keyless))
      )
      if (isSuccess(attempt)) {
        return Effect.asVoid(deliveries.settle(tenantId, owed, attempt, { state: "delivered" }))
      }
      const tries = owed.tries + 1
      if (attempt.status === gone || tries >= maxTries) return giveUp(tenantId, owed, attempt)
      const delay = waitAfter(tries, yield* Random.next, retryAfterMs)
      yield* write(deliveries.settle(tenantId, owed, attempt, { state: "pending", delay }))
      return yield* again(`attempt ${tries} failed (${attempt.status ?? attempt.answer})`, delay)
    })
  })
})
