import { Authentication } from "@sheaf/domain/edge/middleware"
import { EventsRpcs } from "@sheaf/domain/events/EventsRpcs"
import { Effect } from "effect"
import { streamWithCaller, withCaller } from "../edge/withCaller.ts"
import { Events } from "./Events.ts"

const group = EventsRpcs.middleware(Authentication)

export const layer = group.toLayer(Effect.gen(function*() {
  const events = yield* Events
  return group.of({
    EventsSubscribe: streamWithCaller(events.subscribe),
    EventsList: withCaller(events.list),
    EventsSnapshot: withCaller(events.snapshot)
  })
}))
