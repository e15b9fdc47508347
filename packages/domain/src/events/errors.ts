import { Schema } from "effect"
import { EventCursor } from "../ids.ts"

/** The log no longer reaches back to the cursor (events are kept 30 days). `oldest` and `newest` are the cursors it has. */
export class CursorExpired extends Schema.TaggedError<CursorExpired>()("CursorExpired", {
  oldest: EventCursor,
  newest: EventCursor
}) {
  override get message() {
    return `Events before ${this.oldest} are no longer kept. Take an EventsSnapshot to see how things stand, then go on after its cursor.`
  }
}
