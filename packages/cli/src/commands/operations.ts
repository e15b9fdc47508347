import { OperationItemState } from "@sheaf/domain/operations/Operation"
import { Sheaf } from "@sheaf/sdk/effect"
import { Effect } from "effect"
import { Argument, Command, Flag } from "effect/cli"
import { Output } from "../terminal/Output.ts"
import { printable } from "../terminal/style.ts"
import { printOutcome, wordsOf } from "./documents/many.ts"
import { remote } from "./handled.ts"
import { limit, printList, printOne } from "./listing.ts"
import { repeated } from "../settings/repeated.ts"

const id = Argument.String("operation").pipe(Argument.withDescription("Id of the operation"))

const list = Command.make(
  "list",
  { limit },
  remote(Effect.fnUntraced(function*({ limit }) {
    const sheaf = yield* Sheaf
    yield* printList(sheaf.operations.all(), {
      limit,
      none: "There are no operations.",
      columns: {
        operation: ({ id }) => id,
        action: ({ action }) => action._tag,
        begun: ({ createdAt }) => createdAt.toISOString(),
        "how it stands": wordsOf
      }
    })
  }))
).pipe(
  Command.withDescription("List actions on many documents, newest first; they are kept for 30 days"),
  Command.withExamples([{ command: "sheaf operations list" }])
)

const get = Command.make(
  "get",
  {
    id,
    wait: Flag.Boolean("wait").pipe(Flag.withDescription("Wait until it is over"), Flag.withDefault(false))
  },
  remote(Effect.fnUntraced(function*({ id, wait }) {
    const sheaf = yield* Sheaf
    if (wait) return yield* printOutcome(yield* sheaf.operations.finished(id))
    const operation = yield* sheaf.operations.get(id)
    yield* printOne(operation, {
      id: operation.id,
      action: operation.action._tag,
      state: operation.state,
      dataset: operation.datasetId,
      total: operation.total,
      done: operation.done,
      skipped: operation.skipped,
      failed: operation.failed,
      begun: operation.createdAt,
      over: operation.finishedAt
    })
  }))
).pipe(
  Command.withDescription("Show how an action on many documents stands"),
  Command.withExamples([{ command: "sheaf operations get ID --wait" }])
)

const items = Command.make(
  "items",
  {
    id,
    state: Flag.Literals("state", OperationItemState.literals).pipe(
      Flag.withDescription("Only documents of which this became; may be given several times"),
      repeated
    ),
    limit
  },
  remote(Effect.fnUntraced(function*({ id, limit, state }) {
    const sheaf = yield* Sheaf
    yield* printList(sheaf.operations.everyItem(id, state.length === 0 ? {} : { state }), {
      limit,
      none: "There are no such documents.",
      columns: {
        document: ({ documentId }) => documentId,
        state: ({ state }) => state,
        reason: ({ error }) => error === null ? "" : printable(`${error.tag}: ${error.message}`)
      }
    })
  }))
).pipe(
  Command.withDescription("List what became of each document"),
  Command.withExamples([{ command: "sheaf operations items ID --state failed" }])
)

const cancel = Command.make(
  "cancel",
  { id },
  remote(Effect.fnUntraced(function*({ id }) {
    const output = yield* Output
    const sheaf = yield* Sheaf
    const operation = yield* sheaf.operations.cancel(id)
    yield* output.result(operation, () => wordsOf(operation))
  }))
).pipe(
  Command.withDescription("Leave the documents whose turn has not come as they are"),
  Command.withExamples([{ command: "sheaf operations cancel ID" }])
)

export const operations = Command.make("operations").pipe(
  Command.withDescription("See actions on many documents, and what became of each"),
  Command.withSubcommands([list, get, items, cancel])
)
