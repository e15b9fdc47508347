import { Sheaf } from "@sheaf/sdk/effect"
import { Effect, Option } from "effect"
import { Argument, Command, Flag } from "effect/cli"
import { printable } from "../terminal/style.ts"
import { deleting } from "./deleting.ts"
import { remote } from "./handled.ts"
import { given, limit, printList } from "./listing.ts"
import { deliveries, redeliver, test } from "./webhooks/deliveries.ts"
import {
  datasets,
  description,
  filtersOf,
  id,
  kinds,
  printWebhook,
  printWithSecret,
  stateOf
} from "./webhooks/shown.ts"
import { update } from "./webhooks/update.ts"

const list = Command.make(
  "list",
  { limit },
  remote(Effect.fnUntraced(function*({ limit }) {
    const sheaf = yield* Sheaf
    yield* printList(sheaf.webhooks.all(), {
      limit,
      none: "There are no webhooks: nobody is told of events.",
      columns: {
        url: ({ url }) => printable(url),
        state: stateOf,
        kinds: ({ kinds }) => kinds?.join(", ") ?? "all",
        id: ({ id }) => id
      }
    })
  }))
).pipe(
  Command.withDescription("List webhooks, the newest first"),
  Command.withExamples([{ command: "sheaf webhooks list --json" }])
)

const get = Command.make(
  "get",
  { id },
  remote(Effect.fnUntraced(function*({ id }) {
    const sheaf = yield* Sheaf
    yield* printWebhook(yield* sheaf.webhooks.get(id))
  }))
).pipe(
  Command.withDescription("Show a webhook; its secret is never shown again"),
  Command.withExamples([{ command: "sheaf webhooks get ID" }])
)

const create = Command.make(
  "create",
  {
    url: Argument.String("url").pipe(Argument.withDescription("Where events are sent, by POST")),
    description,
    kinds,
    datasets
  },
  remote(Effect.fnUntraced(function*({ datasets, description, kinds, url }) {
    const sheaf = yield* Sheaf
    yield* printWithSecret(
      yield* sheaf.webhooks.create({ url, ...given({ description }), ...filtersOf(kinds, datasets) })
    )
  }))
).pipe(
  Command.withDescription("Have an address told of events from now on; prints the secret that they are signed with"),
  Command.withExamples([
    { command: "sheaf webhooks create https://example.com/sheaf --kind document.published --kind document.failed" }
  ])
)

const rotate = Command.make(
  "rotate",
  {
    id,
    overlap: Flag.Int("overlap").pipe(
      Flag.withDescription("Hours that the secret before goes on signing beside the new one. Default: 24"),
      Flag.optional
    )
  },
  remote(Effect.fnUntraced(function*({ id, overlap }) {
    const sheaf = yield* Sheaf
    yield* printWithSecret(
      yield* sheaf.webhooks.rotate(
        id,
        Option.match(overlap, { onNone: () => ({}), onSome: (overlapHours) => ({ overlapHours }) })
      )
    )
  }))
).pipe(
  Command.withDescription("Give a webhook another secret, and print it"),
  Command.withExamples([{ command: "sheaf webhooks rotate ID --overlap 48" }])
)

const disable = Command.make(
  "disable",
  { id },
  remote(Effect.fnUntraced(function*({ id }) {
    const sheaf = yield* Sheaf
    yield* printWebhook(yield* sheaf.webhooks.disable(id))
  }))
).pipe(
  Command.withDescription("Send nothing any more; what happens meanwhile is not sent later"),
  Command.withExamples([{ command: "sheaf webhooks disable ID" }])
)

const enable = Command.make(
  "enable",
  { id },
  remote(Effect.fnUntraced(function*({ id }) {
    const sheaf = yield* Sheaf
    yield* printWebhook(yield* sheaf.webhooks.enable(id))
  }))
).pipe(
  Command.withDescription("Send what happens from now on"),
  Command.withExamples([{ command: "sheaf webhooks enable ID" }])
)

const remove = deleting(
  "webhooks",
  id,
  "Delete a webhook with its deliveries",
  ({ webhooks }, id) => webhooks.delete(id)
)

export const webhooks = Command.make("webhooks").pipe(
  Command.withDescription("Have addresses told of events, and see what became of each message"),
  Command.withSubcommands([list, get, create, update, rotate, disable, enable, remove, deliveries, redeliver, test])
)
