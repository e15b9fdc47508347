import type { Event } from "@sheaf/domain/events/Event"
import type { SnapshotItem } from "@sheaf/domain/events/EventsRpcs"
import type { DatasetId, EventCursor, PageCursor } from "@sheaf/domain/ids"
import { Effect } from "effect"
import type { Calls } from "../connection/Calls.ts"
import type { Endpoint } from "../connection/Endpoint.ts"
import type { CallError } from "../connection/rpc.ts"
import type { DatasetNameUnknown } from "../errors/client.ts"
import type { DatasetRef } from "../options.ts"
import type { Feed } from "./Feed.ts"
import { persistent, type Standing } from "./persistent.ts"

export type EventsError =
  | CallError<"EventsList">
  | CallError<"EventsSnapshot">
  | DatasetNameUnknown
  | CallError<"DatasetsList">

/**
 * A part of how everything stands, in place of events that are no longer kept. From the `first` part to the `last` one: all datasets, then
 * all documents that there are. Events go on after the last one; some may tell again what the snapshot showed.
 */
export interface EventsSnapshot {
  readonly snapshot: ReadonlyArray<SnapshotItem>
  readonly first: boolean
  readonly last: boolean
  /** Where events go on: keep it when the last part is done, not before. */
  readonly cursor: string
}

export interface EventsOptions<Expired extends "fail" | "snapshot" = "fail" | "snapshot"> {
  /** Only what happens in this dataset; ends with the event that it was deleted. */
  readonly dataset?: DatasetRef | undefined
  /** What to do when the cursor is older than the events that are kept: `fail` (the default), or show how everything stands. */
  readonly onExpired?: Expired | undefined
}

/** Events; with `onExpired: "snapshot"` also parts of a snapshot. */
export interface EventsSince {
  (cursor?: string, options?: EventsOptions<"fail">): Feed<Event, EventsError>
  (cursor: string | undefined, options: EventsOptions): Feed<Event | EventsSnapshot, EventsError>
}

/** How long the server holds a question open while nothing happens. */
const waitMs = 25_000

/**
 * The tenant's events after a cursor, without end, whatever happens to the connection. The client asks for the next batch when
 * the reader has taken the last one: a slow reader holds up nobody, and loses nothing that the server still keeps.
 */
export const eventsSince = (
  services: { readonly calls: Calls; readonly endpoint: Endpoint },
  from: EventCursor | undefined,
  dataset: Effect.Effect<DatasetId | undefined, EventsError>,
  onExpired: "fail" | "snapshot" = "fail"
): Feed<Event | EventsSnapshot, EventsError> =>
  Effect.sync(() => {
    const { calls, endpoint } = services
    const standing: Standing = { established: false, failures: 0 }
    let after = from
    let ended = false
    /** Where the snapshot goes on, while there is one. */
    let part: PageCursor | "first" | undefined
    let only: { readonly datasetId?: DatasetId } | undefined
    // Asked for once: one that was deleted has no name any more, but events to its end.
    const ofDataset = Effect.suspend(() =>
      only !== undefined
        ? Effect.succeed(only)
        : Effect.map(dataset, (datasetId) => only = datasetId === undefined ? {} : { datasetId })
    )
    const heard = () => {
      standing.established = true
      standing.failures = 0
    }
    const ask = Effect.flatMap(ofDataset, (only) =>
      Effect.map(
        calls.query("EventsList", {
          ...only,
          // Without a cursor the server answers at once, with where its log ends.
          ...(after !== undefined && { after, waitMs }),
          limit: 500
        }, { timeout: waitMs + endpoint.timeoutMs }),
        ({ events, next }) => {
          heard()
          after = next
          ended = events.some(({ body }) => body._tag === "DatasetDeleted" && body.datasetId === only.datasetId)
          return events
        }
      ))
    const look = (from: PageCursor | "first") =>
      Effect.flatMap(ofDataset, (only) =>
        Effect.map(
          calls.query("EventsSnapshot", { ...only, ...(from !== "first" && { cursor: from }) }),
          ({ cursor, items, next }): ReadonlyArray<EventsSnapshot> => {
            heard()
            part = next
            if (next === undefined) after = cursor
            return [{ snapshot: items, first: from === "first", last: next === undefined, cursor }]
          }
        ))
    type Batch = Effect.Effect<ReadonlyArray<Event | EventsSnapshot>, EventsError>
    const next = Effect.suspend((): Batch => part === undefined ? ask : look(part))
    const going = onExpired === "fail" ? next : Effect.catchTag(next, "CursorExpired", (): Batch => look("first"))
    return Effect.suspend(() =>
      ended ? Effect.undefined : persistent(going, { operation: "EventsList", endpoint, standing })
    )
  })
