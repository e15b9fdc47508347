import { Sheaf } from "@sheaf/sdk/effect"
import { Effect } from "effect"
import { Command, Flag } from "effect/cli"
import { Misused } from "../../terminal/failures.ts"
import { remote } from "../handled.ts"
import { given } from "../listing.ts"
import { datasets, description, filtersOf, id, kinds, printWebhook } from "./shown.ts"

export const update = Command.make(
  "update",
  {
    id,
    to: Flag.String("to").pipe(Flag.withDescription("Where events are sent from now on, by POST"), Flag.optional),
    description,
    kinds,
    datasets,
    allKinds: Flag.Boolean("all-kinds").pipe(
      Flag.withDescription("Events of every kind again"),
      Flag.withDefault(false)
    ),
    allDatasets: Flag.Boolean("all-datasets").pipe(
      Flag.withDescription("Events of every dataset again, and of none"),
      Flag.withDefault(false)
    )
  },
  remote(Effect.fnUntraced(function*({ allDatasets, allKinds, datasets, description, id, kinds, to }) {
    const changes = {
      ...given({ url: to, description }),
      ...(allKinds && { kinds: null }),
      ...(allDatasets && { datasetIds: null }),
      ...filtersOf(kinds, datasets)
    }
    const isTwofold = allKinds && kinds.length > 0 || allDatasets && datasets.length > 0
    if (isTwofold || Object.keys(changes).length === 0) {
      return yield* new Misused({
        message: isTwofold ? "It cannot be some and all of them." : "It is not said what is to change.",
        hint: "Pass --to, --description, --kind or --all-kinds, --dataset or --all-datasets."
      })
    }
    const sheaf = yield* Sheaf
    yield* printWebhook(yield* sheaf.webhooks.update(id, changes))
  }))
).pipe(
  Command.withDescription("Have a webhook told of other events, or at another address; its secret stays"),
  Command.withExamples([{ command: "sheaf webhooks update ID --kind document.failed" }])
)
