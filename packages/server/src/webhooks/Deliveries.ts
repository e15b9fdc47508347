import type { PageOptions } from "@sheaf/adapters/repos/datasets/DatasetsRepo"
import { newId } from "@sheaf/adapters/repos/newId"
import { DeliveriesRepo } from "@sheaf/adapters/repos/webhooks/DeliveriesRepo"
import type { Caller } from "@sheaf/domain/edge/Caller"
import type { BadRequest } from "@sheaf/domain/edge/errors"
import { DeliveryId, type PageCursor } from "@sheaf/domain/ids"
import { type Delivery, type DeliveryState, testKind } from "@sheaf/domain/webhooks/Delivery"
import { DeliveryNotFound, WebhookDisabled, type WebhookNotFound } from "@sheaf/domain/webhooks/errors"
import { Clock, Context, Effect, Layer, Option } from "effect"
import { pageOr } from "../edge/pageOr.ts"
import { type Named, Webhooks } from "./Webhooks.ts"

/** What became of what was sent to webhooks. Changes are part of the caller's transaction. */
export class Deliveries extends Context.Service<Deliveries, {
  readonly list: (
    caller: Caller,
    options: PageOptions & Named & { readonly state?: DeliveryState }
  ) => Effect.Effect<
    { readonly items: ReadonlyArray<Delivery>; readonly next?: PageCursor },
    WebhookNotFound | BadRequest
  >
  readonly redeliver: (
    caller: Caller,
    which: Named & { readonly deliveryId?: DeliveryId }
  ) => Effect.Effect<{ readonly deliveries: number }, WebhookNotFound | DeliveryNotFound | WebhookDisabled>
  readonly test: (caller: Caller, webhook: Named) => Effect.Effect<Delivery, WebhookNotFound | WebhookDisabled>
}>()("@sheaf/server/webhooks/Deliveries") {
  static readonly layer = Layer.effect(
    Deliveries,
    Effect.gen(function*() {
      const repo = yield* DeliveriesRepo
      const webhooks = yield* Webhooks

      const needEnabled = Effect.fnUntraced(function*(caller: Caller, named: Named) {
        const { id, state } = yield* webhooks.get(caller, named)
        if (state === "disabled") return yield* new WebhookDisabled({ webhookId: id })
      })

      const test: Deliveries["Service"]["test"] = Effect.fn("Deliveries.test")(function*(caller, { webhookId }) {
        yield* needEnabled(caller, { webhookId })
        const { tenantId } = caller
        const id = yield* newId(DeliveryId)
        const timestamp = new Date(yield* Clock.currentTimeMillis).toISOString()
        const body = JSON.stringify({ type: testKind, timestamp, data: { tenantId, webhookId } })
        yield* repo.make(tenantId, [{ id, webhookId, kind: testKind, cursor: null, body }])
        const made = yield* repo.find(tenantId, webhookId, id)
        // Disabled in the meantime, on a database with several sessions.
        if (Option.isNone(made)) return yield* new WebhookDisabled({ webhookId })
        return made.value
      })

      return Deliveries.of({
        list: Effect.fn("Deliveries.list")(function*(caller, options) {
          yield* webhooks.get(caller, options)
          return yield* pageOr(repo.list(caller.tenantId, options))
        }),
        redeliver: Effect.fn("Deliveries.redeliver")(function*(caller, { deliveryId, webhookId }) {
          yield* needEnabled(caller, { webhookId })
          const deliveries = yield* repo.again(caller.tenantId, webhookId, deliveryId)
          if (deliveryId !== undefined && deliveries === 0) {
            return yield* new DeliveryNotFound({ webhookId, deliveryId })
          }
          return { deliveries }
        }),
        test
      })
    })
  )
}
