import type { Event } from "@sheaf/domain/events/Event"
import type { DatasetId, EventCursor } from "@sheaf/domain/ids"
import { Effect } from "effect"
import type { Calls } from "../connection/Calls.ts"
import type { Endpoint } from "../connection/Endpoint.ts"
import type { CallError } from "../connection/rpc.ts"
import type { DatasetNameUnknown } from "../errors/client.ts"
import type { Feed } from "./Feed.ts"
import { persistent, type Standing } from "./persistent.ts"

export type EventsError = CallError<"EventsList"> | DatasetNameUnknown | CallError<"DatasetsList">

/** How long the server holds a question open while nothing happens. */
const waitMs = 25_000

/**
 * The tenant's events after a cursor, without end, whatever happens to the connection. The client asks for the next batch when
 * the reader has taken the last one: a slow reader holds up nobody, and loses nothing that the server still keeps.
 */
export const eventsSince = (
  services: { readonly calls: Calls; readonly endpoint: Endpoint },
  from: EventCursor | undefined,
  dataset: Effect.Effect<DatasetId | undefined, EventsError>
): Feed<Event, EventsError> =>
  Effect.sync(() => {
    const { calls, endpoint } = services
    const standing: Standing = { established: false, failures: 0 }
    let after = from
    const ask = Effect.flatMap(dataset, (datasetId) =>
      calls.query("EventsList", {
        // Without a cursor the server answers at once, with where its log ends.
        ...(after !== undefined && { after, waitMs }),
        ...(datasetId !== undefined && { datasetId }),
        limit: 500
      }, { timeout: waitMs + endpoint.timeoutMs }))
    return Effect.map(persistent(ask, { operation: "EventsList", endpoint, standing }), ({ events, next }) => {
      standing.established = true
      standing.failures = 0
      after = next
      return events
    })
  })
