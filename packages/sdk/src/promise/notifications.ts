import type { Mail } from "@sheaf/domain/notifications/Mail"
import type { Subscription } from "@sheaf/domain/notifications/Subscription"
import type { MailsListOptions, NewSubscription } from "../areas/Notifications.ts"
import type { CallOptions, MutationOptions, PageOptions } from "../options.ts"
import type { PageCall } from "./PageCall.ts"
import { pages } from "./pages.ts"
import { type Abortable, callSite, type Runner } from "./Runner.ts"

type Mutation = MutationOptions & Abortable

/** Who is mailed of what happens: for keys with the scope `admin`. */
export interface NotificationsClient {
  subscribe(subscription: NewSubscription, options?: Mutation): Promise<Subscription>
  /** Newest first. */
  list(options?: PageOptions & CallOptions & Abortable): PageCall<Subscription>
  /** What was mailed in the last 30 days and is on its way, newest first. */
  mails(options?: MailsListOptions & Abortable): PageCall<Mail>
  unsubscribe(subscriptionId: string, options?: Mutation): Promise<void>
}

export const notificationsOf = (runner: Runner): NotificationsClient => ({
  subscribe(subscription, options) {
    return runner.run(callSite(), (sheaf) => sheaf.notifications.subscribe(subscription, options), options)
  },
  list(options) {
    return pages(runner, (sheaf) => sheaf.notifications, options ?? {})
  },
  mails(options) {
    return pages(runner, ({ notifications: { everyMail, mails } }) => ({ list: mails, all: everyMail }), options ?? {})
  },
  unsubscribe(subscriptionId, options) {
    return runner.run(callSite(), (sheaf) => sheaf.notifications.unsubscribe(subscriptionId, options), options)
  }
})
