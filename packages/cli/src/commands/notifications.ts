import { EventKind } from "@sheaf/domain/notifications/kinds"
import { Sheaf } from "@sheaf/sdk/effect"
import { Effect } from "effect"
import { Argument, Command, Flag } from "effect/cli"
import { Output } from "../terminal/Output.ts"
import { printable } from "../terminal/style.ts"
import { remote } from "./handled.ts"
import { limit, printList, printOne } from "./listing.ts"
import { mails } from "./notifications/mails.ts"
import { repeated } from "../settings/repeated.ts"

const list = Command.make(
  "list",
  { limit },
  remote(Effect.fnUntraced(function*({ limit }) {
    const sheaf = yield* Sheaf
    yield* printList(sheaf.notifications.all(), {
      limit,
      none: "Nobody has subscribed: only who begins work with an address of their own is mailed.",
      columns: {
        address: ({ address }) => printable(address),
        kinds: ({ kinds }) => kinds?.join(", ") ?? "all that is mailed",
        datasets: ({ datasetIds }) => datasetIds?.join(", ") ?? "all",
        by: ({ createdBy: { keyId, onBehalfOf } }) => printable(onBehalfOf?.name ?? onBehalfOf?.id ?? keyId),
        since: ({ createdAt }) => createdAt.toISOString(),
        id: ({ id }) => id
      }
    })
  }))
).pipe(
  Command.withDescription("List who is mailed of what happens, the newest first"),
  Command.withExamples([{ command: "sheaf notifications list --json" }])
)

const subscribe = Command.make(
  "subscribe",
  {
    address: Argument.String("address").pipe(Argument.withDescription("Where mails go")),
    kinds: Flag.Literals("kind", EventKind.literals).pipe(
      Flag.withDescription("Only events of this kind; may be given more than once"),
      repeated
    ),
    datasets: Flag.String("dataset").pipe(
      Flag.withDescription("Only events of the dataset with this id; may be given more than once"),
      repeated
    )
  },
  remote(Effect.fnUntraced(function*({ address, datasets, kinds }) {
    const sheaf = yield* Sheaf
    const subscription = yield* sheaf.notifications.subscribe({
      address,
      kinds: kinds.length === 0 ? null : kinds,
      datasetIds: datasets.length === 0 ? null : datasets
    })
    yield* printOne(subscription, {
      id: subscription.id,
      address: printable(subscription.address),
      kinds: subscription.kinds?.join(", ") ?? "all that is mailed",
      datasets: subscription.datasetIds?.join(", ") ?? "all"
    })
  }))
).pipe(
  Command.withDescription("Have somebody mailed of what happens from now on"),
  Command.withExamples([{ command: "sheaf notifications subscribe ops@example.com --kind document.failed" }])
)

const unsubscribe = Command.make(
  "unsubscribe",
  { id: Argument.String("id").pipe(Argument.withDescription("Id of the subscription")) },
  remote(Effect.fnUntraced(function*({ id }) {
    const output = yield* Output
    const sheaf = yield* Sheaf
    yield* sheaf.notifications.unsubscribe(id)
    yield* output.result({ id, ended: true }, () => id)
  }))
).pipe(
  Command.withDescription("End a subscription"),
  Command.withExamples([{ command: "sheaf notifications unsubscribe ID" }])
)

export const notifications = Command.make("notifications").pipe(
  Command.withDescription("Say who is mailed of what happens, and see what was mailed"),
  Command.withSubcommands([list, subscribe, unsubscribe, mails])
)
