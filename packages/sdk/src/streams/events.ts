import type { Event } from "@sheaf/domain/events/Event"
import type { DatasetId, EventCursor } from "@sheaf/domain/ids"
import { Effect, Option, Stream } from "effect"
import type { Calls } from "../connection/Calls.ts"
import type { Endpoint } from "../connection/Endpoint.ts"
import type { CallError } from "../connection/rpc.ts"
import { persistent, type Standing } from "./persistent.ts"

export type EventsError = CallError<"EventsList">

/** How long the server holds a question open while nothing happens. */
const waitMs = 25_000

/**
 * The tenant's events after a cursor, without end, whatever happens to the connection. The client asks for the next batch when
 * the reader has taken the last one: a slow reader holds up nobody, and loses nothing that the server still keeps.
 */
export const eventsSince = (
  services: { readonly calls: Calls; readonly endpoint: Endpoint },
  from: EventCursor | undefined,
  datasetId: DatasetId | undefined
): Stream.Stream<Event, EventsError> => {
  const { calls, endpoint } = services
  const timeout = waitMs + endpoint.timeoutMs
  const ask = (after: EventCursor | undefined, standing: Standing) => {
    const step = calls.query("EventsList", {
      ...(after !== undefined && { after, waitMs }),
      ...(datasetId !== undefined && { datasetId }),
      limit: 500
    }, { timeout })
    return Effect.tap(persistent(step, { operation: "EventsList", endpoint, standing }), () =>
      Effect.sync(() => {
        standing.established = true
        standing.failures = 0
      }))
  }
  return Stream.suspend(() => {
    const standing: Standing = { established: false, failures: 0 }
    return Stream.paginate(from, (after) =>
      Effect.map(
        ask(after, standing),
        ({ events, next }) => [events, Option.some<EventCursor | undefined>(next)] as const
      ))
  })
}
