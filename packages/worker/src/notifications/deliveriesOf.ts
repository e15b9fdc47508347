import { derivedId } from "@sheaf/adapters/repos/derivedId"
import type { NewDelivery } from "@sheaf/adapters/repos/webhooks/DeliveriesRepo"
import type { Listener } from "@sheaf/adapters/repos/webhooks/FollowedEventsRepo"
import { type Event, EventBody } from "@sheaf/domain/events/Event"
import { DeliveryId, type TenantId } from "@sheaf/domain/ids"
import { kindOf } from "@sheaf/domain/notifications/kinds"
import { Schema } from "effect"

const encodeBody = Schema.encodeSync(EventBody)

/** What a receiver is told: the fields that Standard Webhooks names, with the event and its place in the log under `data`. */
const messageOf = (tenantId: TenantId, { at, body, cursor }: Event): string =>
  JSON.stringify({
    type: kindOf(body),
    timestamp: at.toISOString(),
    data: { tenantId, cursor, ...encodeBody(body) }
  })

const wants = ({ datasetIds, kinds }: Listener, { body }: Event): boolean =>
  (kinds === null || kinds.includes(kindOf(body))) &&
  (datasetIds === null || body.datasetId !== null && datasetIds.includes(body.datasetId))

/** An event for a webhook has one id for ever: whoever looks through the log again makes nothing twice. */
export const deliveriesOf = (
  tenantId: TenantId,
  listeners: ReadonlyArray<Listener>,
  event: Event
): ReadonlyArray<NewDelivery> => {
  const listening = listeners.filter((listener) => wants(listener, event))
  if (listening.length === 0) return []
  const { body, cursor } = event
  const message = messageOf(tenantId, event)
  return listening.map(({ id }) => ({
    id: DeliveryId.make(derivedId("delivery", tenantId, id, cursor)),
    webhookId: id,
    kind: kindOf(body),
    cursor,
    body: message
  }))
}
