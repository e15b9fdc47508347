import type { DatasetId, SubscriptionId } from "@sheaf/domain/ids"
import type { EventKind } from "@sheaf/domain/notifications/kinds"
import type { Mail, MailState } from "@sheaf/domain/notifications/Mail"
import type { Subscription } from "@sheaf/domain/notifications/Subscription"
import type { Effect } from "effect"
import type { Calls } from "../connection/Calls.ts"
import type { CallError } from "../connection/rpc.ts"
import type { CallOptions, MutationOptions, Page, PageOptions } from "../options.ts"
import type { Feed } from "../streams/Feed.ts"
import { pageOf } from "./Datasets.ts"
import { everyItem } from "./pages.ts"

export interface NewSubscription {
  readonly address: string
  /** Left out or `null`: everything that people are mailed of. */
  readonly kinds?: ReadonlyArray<EventKind> | null
  /** Ids of datasets; left out or `null`: all, and what belongs to none. */
  readonly datasetIds?: ReadonlyArray<string> | null
}

export interface MailsListOptions extends PageOptions, CallOptions {
  readonly state?: MailState
}

/** Who is mailed of what happens: for keys with the scope `admin`. */
export interface Notifications {
  readonly subscribe: (
    subscription: NewSubscription,
    options?: MutationOptions
  ) => Effect.Effect<Subscription, CallError<"NotificationsSubscribe">>
  /** One page, newest first. */
  readonly list: (
    options?: PageOptions & CallOptions
  ) => Effect.Effect<Page<Subscription>, CallError<"NotificationsList">>
  readonly all: (options?: PageOptions & CallOptions) => Feed<Subscription, CallError<"NotificationsList">>
  /** One page of what was mailed in the last 30 days and is on its way, newest first. */
  readonly mails: (options?: MailsListOptions) => Effect.Effect<Page<Mail>, CallError<"NotificationsMails">>
  readonly everyMail: (options?: MailsListOptions) => Feed<Mail, CallError<"NotificationsMails">>
  readonly unsubscribe: (
    subscriptionId: string,
    options?: MutationOptions
  ) => Effect.Effect<void, CallError<"NotificationsUnsubscribe">>
}

export const makeNotifications = (calls: Calls): Notifications => {
  const list: Notifications["list"] = ({ cursor, limit, ...options } = {}) =>
    calls.query("NotificationsList", pageOf({ cursor, limit }), options)
  const mails: Notifications["mails"] = ({ cursor, limit, state, ...options } = {}) =>
    calls.query("NotificationsMails", { ...(state !== undefined && { state }), ...pageOf({ cursor, limit }) }, options)
  return {
    subscribe: ({ datasetIds, ...subscription }, options) =>
      calls.mutate("NotificationsSubscribe", {
        ...subscription,
        // Ids are checked by the server.
        ...(datasetIds !== undefined && { datasetIds: datasetIds as ReadonlyArray<DatasetId> | null })
      }, options),
    list,
    all: (options = {}) => everyItem(list, options),
    mails,
    everyMail: (options = {}) => everyItem(mails, options),
    unsubscribe: (subscriptionId, options) =>
      calls.mutate("NotificationsUnsubscribe", { subscriptionId: subscriptionId as SubscriptionId }, options)
  }
}
