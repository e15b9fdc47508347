import { Authentication } from "@sheaf/domain/edge/middleware"
import { NotificationsRpcs } from "@sheaf/domain/notifications/NotificationsRpcs"
import { Effect } from "effect"
import { withCaller } from "../edge/withCaller.ts"
import { Subscriptions } from "./Subscriptions.ts"

const group = NotificationsRpcs.middleware(Authentication)

export const layer = group.toLayer(Effect.gen(function*() {
  const subscriptions = yield* Subscriptions
  return group.of({
    NotificationsSubscribe: withCaller(subscriptions.subscribe),
    NotificationsList: withCaller(subscriptions.list),
    NotificationsMails: withCaller(subscriptions.mails),
    NotificationsUnsubscribe: withCaller(subscriptions.unsubscribe)
  })
}))
