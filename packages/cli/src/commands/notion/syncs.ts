import type { Sync } from "@sheaf/domain/syncs/Sync"
import { resultNames } from "@sheaf/domain/syncs/SyncResult"
import { Sheaf } from "@sheaf/sdk/effect"
import { Effect, Option, Stream } from "effect"
import { Argument, Command, Flag } from "effect/cli"
import { SomeFailed } from "../../terminal/failures.ts"
import { Output } from "../../terminal/Output.ts"
import { printable } from "../../terminal/style.ts"
import { count } from "../../terminal/words.ts"
import { remote } from "../handled.ts"
import { given, limit, printList, printOne } from "../listing.ts"
import { describeResult, describeSync } from "./words.ts"

const id = Argument.String("sync").pipe(Argument.withDescription("Id of the sync"))

export const background = Flag.Boolean("background").pipe(
  Flag.withDescription("Do not wait until it is over"),
  Flag.withDefault(false)
)

/** Problems that are named after a sync; `results` shows all. */
const named = 20

/** Waits for a sync, unless told otherwise, and says how it ended; every item that did not come is named. */
export const printSync = Effect.fnUntraced(function*(begun: Sync, background: boolean) {
  const output = yield* Output
  const sheaf = yield* Sheaf
  if (background) {
    yield* output.result(begun, () => begun.id)
    return yield* output.note(
      `It goes on without this program: \`sheaf notion syncs get ${begun.id}\` says how it stands.`
    )
  }
  const sync = yield* sheaf.syncs.finished(begun.id)
  yield* output.result(sync, () => describeSync(sync))
  for (const result of ["unreachable", "failed"] as const) {
    yield* Stream.runForEach(
      sheaf.syncs.everyResult(sync.id, { result }).pipe(Stream.take(named)),
      (item) => output.note(printable(`${item.title}: ${item.result === null ? "" : describeResult(item.result)}`))
    )
  }
  const { failed = 0, unreachable = 0 } = sync.counts
  if (failed + unreachable > 0 || sync.state !== "finished") {
    return yield* new SomeFailed({
      message: sync.state === "finished"
        ? `${count(failed + unreachable, "page")} of ${sync.total} could not be brought.`
        : `The sync is ${sync.state}.`,
      hint: `\`sheaf notion syncs results ${sync.id}\` names what became of each page.`
    })
  }
})

const list = Command.make(
  "list",
  { source: Flag.String("source").pipe(Flag.withDescription("Only those of this source"), Flag.optional), limit },
  remote(Effect.fnUntraced(function*({ limit, source }) {
    const sheaf = yield* Sheaf
    yield* printList(sheaf.syncs.all(given({ source })), {
      limit,
      none: "There are no syncs.",
      columns: {
        sync: ({ id }) => id,
        why: ({ trigger }) => trigger,
        begun: ({ createdAt }) => createdAt.toISOString(),
        "how it stands": describeSync
      }
    })
  }))
).pipe(
  Command.withDescription("List syncs, newest first; they are kept for 30 days"),
  Command.withExamples([{ command: "sheaf notion syncs list" }])
)

const get = Command.make(
  "get",
  { id, wait: Flag.Boolean("wait").pipe(Flag.withDescription("Wait until it is over"), Flag.withDefault(false)) },
  remote(Effect.fnUntraced(function*({ id, wait }) {
    const sheaf = yield* Sheaf
    const sync = yield* sheaf.syncs.get(id)
    if (wait) return yield* printSync(sync, false)
    yield* printOne(sync, {
      id: sync.id,
      source: sync.sourceId,
      dataset: sync.datasetId,
      why: sync.trigger,
      begun: sync.createdAt,
      over: sync.finishedAt,
      state: describeSync(sync)
    })
  }))
).pipe(
  Command.withDescription("Show how a sync stands"),
  Command.withExamples([{ command: "sheaf notion syncs get ID --wait" }])
)

const results = Command.make(
  "results",
  {
    id,
    result: Flag.Literals("result", resultNames).pipe(
      Flag.withDescription("Only items with this result"),
      Flag.optional
    ),
    limit
  },
  remote(Effect.fnUntraced(function*({ id, limit, result }) {
    const sheaf = yield* Sheaf
    yield* printList(sheaf.syncs.everyResult(id, Option.isNone(result) ? {} : { result: result.value }), {
      limit,
      none: "No item was looked at: nothing had changed.",
      columns: {
        title: ({ title }) => printable(title),
        result: ({ conflicts, result }) => {
          const lost = conflicts > 0 ? `; ${conflicts} changes by hand are not in it` : ""
          return printable(`${result === null ? "waits" : describeResult(result)}${lost}`)
        },
        document: ({ documentId }) => documentId ?? ""
      }
    })
  }))
).pipe(
  Command.withDescription(
    "List what became of each page that a sync looked at; unchanged ones of a listing are only counted"
  ),
  Command.withExamples([{ command: "sheaf notion syncs results ID --result unreachable" }])
)

const cancel = Command.make(
  "cancel",
  { id },
  remote(Effect.fnUntraced(function*({ id }) {
    const output = yield* Output
    const sheaf = yield* Sheaf
    const sync = yield* sheaf.syncs.cancel(id)
    yield* output.result(sync, () => describeSync(sync))
  }))
).pipe(
  Command.withDescription("Leave the pages whose turn has not come as they are"),
  Command.withExamples([{ command: "sheaf notion syncs cancel ID" }])
)

export const syncs = Command.make("syncs").pipe(
  Command.withDescription("See syncs, and what became of each page"),
  Command.withSubcommands([list, get, results, cancel])
)
