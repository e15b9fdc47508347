import { type Delivery, DeliveryState } from "@sheaf/domain/webhooks/Delivery"
import { Sheaf } from "@sheaf/sdk/effect"
import { Effect, Option } from "effect"
import { Argument, Command, Flag } from "effect/cli"
import { Output } from "../../terminal/Output.ts"
import { printable } from "../../terminal/style.ts"
import { count } from "../../terminal/words.ts"
import { remote } from "../handled.ts"
import { given, limit, printList, printOne } from "../listing.ts"
import { id } from "./shown.ts"

const lastOf = ({ attempts }: Delivery) => {
  const last = attempts.at(-1)
  return last === undefined ? "" : `${last.status ?? "no answer"} ${printable(last.answer).slice(0, 60)}`
}

export const deliveries = Command.make(
  "deliveries",
  {
    id,
    limit,
    state: Flag.Literals("state", DeliveryState.literals).pipe(
      Flag.withDescription("Only those of which this has become"),
      Flag.optional
    )
  },
  remote(Effect.fnUntraced(function*({ id, limit, state }) {
    const sheaf = yield* Sheaf
    yield* printList(sheaf.webhooks.everyDelivery({ webhookId: id, ...given({ state }) }), {
      limit,
      none: "Nothing was sent.",
      columns: {
        made: ({ createdAt }) => createdAt.toISOString(),
        kind: ({ kind }) => kind,
        state: ({ state }) => state,
        attempts: ({ tries }) => String(tries),
        next: ({ nextAt }) => nextAt?.toISOString() ?? "",
        last: lastOf,
        id: ({ id }) => id
      }
    })
  }))
).pipe(
  Command.withDescription("List what was sent to a webhook, the newest first, with what it answered"),
  Command.withExamples([{ command: "sheaf webhooks deliveries ID --state failed" }])
)

export const redeliver = Command.make(
  "redeliver",
  {
    id,
    delivery: Argument.String("delivery").pipe(
      Argument.withDescription("Id of the delivery; left out: all that failed or were skipped, the 1,000 latest"),
      Argument.optional
    )
  },
  remote(Effect.fnUntraced(function*({ delivery, id }) {
    const output = yield* Output
    const sheaf = yield* Sheaf
    const which = Option.match(delivery, { onNone: () => ({}), onSome: (deliveryId) => ({ deliveryId }) })
    const answer = yield* sheaf.webhooks.redeliver(id, which)
    yield* output.result(answer, () => `${count(answer.deliveries, "delivery", "deliveries")} on the way`)
  }))
).pipe(
  Command.withDescription("Send again, under the same message id"),
  Command.withExamples([{ command: "sheaf webhooks redeliver ID" }])
)

export const test = Command.make(
  "test",
  { id },
  remote(Effect.fnUntraced(function*({ id }) {
    const sheaf = yield* Sheaf
    const { createdAt, id: delivery, kind } = yield* sheaf.webhooks.test(id)
    yield* printOne({ id: delivery, kind, webhookId: id, createdAt }, {
      delivery,
      kind,
      next: `sheaf webhooks deliveries ${id}`
    })
  }))
).pipe(
  Command.withDescription("Send a message of the kind webhook.test"),
  Command.withExamples([{ command: "sheaf webhooks test ID" }])
)
