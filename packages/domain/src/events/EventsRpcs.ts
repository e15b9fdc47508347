import { Schema } from "effect"
import { Rpc, RpcGroup } from "effect/rpc"
import { DatasetNotFound } from "../datasets/errors.ts"
import { DatasetId, EventCursor } from "../ids.ts"
import { Event } from "./Event.ts"

/** The log no longer reaches back to the cursor (events are kept 30 days). `oldest` and `newest` are the cursors it has. */
export class CursorExpired extends Schema.TaggedError<CursorExpired>()("CursorExpired", {
  oldest: EventCursor,
  newest: EventCursor
}) {
  override get message() {
    return `Events before ${this.oldest} are no longer kept. List the documents to see how they stand, then go on after ${this.newest}.`
  }
}

const payload = {
  /** The last event seen; left out, the stream begins with what happens from now on. `0` replays all that is kept. */
  after: Schema.optionalKey(EventCursor),
  datasetId: Schema.optionalKey(DatasetId)
} as const

export class EventsRpcs extends RpcGroup.make(
  Rpc.make("EventsSubscribe", {
    payload,
    success: Event,
    error: Schema.Union([CursorExpired, DatasetNotFound]),
    stream: true
  }),
  /** For clients without streams: waits up to `waitMs` (at most 30,000) for the first event after the cursor. */
  Rpc.make("EventsList", {
    payload: {
      ...payload,
      limit: Schema.optionalKey(Schema.Int.check(Schema.isBetween({ minimum: 1, maximum: 1_000 }))),
      waitMs: Schema.optionalKey(Schema.Int.check(Schema.isBetween({ minimum: 0, maximum: 30_000 })))
    },
    success: Schema.Struct({ events: Schema.Array(Event), next: EventCursor }),
    error: Schema.Union([CursorExpired, DatasetNotFound])
  })
) {}
