import { EventKind } from "@sheaf/domain/notifications/kinds"
import type { Webhook } from "@sheaf/domain/webhooks/Webhook"
import { Argument, Flag } from "effect/cli"
import { printable } from "../../terminal/style.ts"
import { printOne } from "../listing.ts"
import { repeated } from "../../settings/repeated.ts"

export const id = Argument.String("id").pipe(Argument.withDescription("Id of the webhook"))
export const description = Flag.String("description").pipe(Flag.withDescription("What it is for"), Flag.optional)
export const kinds = Flag.Literals("kind", EventKind.literals).pipe(
  Flag.withDescription("Only events of this kind; may be given more than once"),
  repeated
)
export const datasets = Flag.String("dataset").pipe(
  Flag.withDescription("Only events of the dataset with this id; may be given more than once"),
  repeated
)

export const stateOf = ({ disabledBecause, failingSince, state }: Webhook) =>
  disabledBecause !== null
    ? `disabled (${disabledBecause})`
    : failingSince === null
    ? state
    : `${state}, failing since ${failingSince.toISOString()}`

const detailsOf = (webhook: Webhook) => ({
  id: webhook.id,
  url: printable(webhook.url),
  description: printable(webhook.description),
  state: stateOf(webhook),
  kinds: webhook.kinds?.join(", ") ?? "all",
  datasets: webhook.datasetIds?.join(", ") ?? "all",
  secrets: webhook.secrets,
  made: webhook.createdAt
})

export const printWebhook = (webhook: Webhook) => printOne(webhook, detailsOf(webhook))

export const printWithSecret = ({ secret, webhook }: { readonly webhook: Webhook; readonly secret: string }) =>
  printOne({ webhook, secret }, { ...detailsOf(webhook), secret: `${secret}  (shown this once)` })

/** What of events is sent, as far as it was said. */
export const filtersOf = (kinds: ReadonlyArray<EventKind>, datasetIds: ReadonlyArray<string>) => ({
  ...(kinds.length > 0 && { kinds }),
  ...(datasetIds.length > 0 && { datasetIds })
})
