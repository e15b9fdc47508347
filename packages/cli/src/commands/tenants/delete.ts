import { Sheaf } from "@sheaf/sdk/effect"
import { Effect, Schedule, Stream } from "effect"
import { Argument, Command, Flag } from "effect/cli"
import { Misused } from "../../terminal/failures.ts"
import { Output } from "../../terminal/Output.ts"
import { remote } from "../handled.ts"
import { limit, printList } from "../listing.ts"

export const remove = Command.make(
  "delete",
  {
    tenant: Argument.String("tenant").pipe(Argument.withDescription("Id of the tenant, from `sheaf tenants list`")),
    name: Flag.String("name").pipe(
      Flag.withDescription("The tenant's name, to be sure that it is the right one")
    ),
    wait: Flag.Boolean("wait").pipe(
      Flag.withDescription("Until everything is counted as gone"),
      Flag.withDefault(false)
    )
  },
  remote(Effect.fnUntraced(function*({ name, tenant, wait }) {
    const output = yield* Output
    const sheaf = yield* Sheaf
    const named = yield* sheaf.tenants.all().pipe(Stream.filter(({ id }) => id === tenant), Stream.runCollect)
    const found = named[0]
    if (found !== undefined && found.name !== name) {
      return yield* new Misused({
        message: `Tenant ${tenant} is not called ${name}.`,
        hint: "Its name stands in `sheaf tenants list`. Nothing was deleted."
      })
    }
    const begun = yield* sheaf.tenants.delete(tenant)
    const now = sheaf.tenants.allRemovals().pipe(
      Stream.filter(({ id }) => id === tenant),
      Stream.take(1),
      Stream.runCollect,
      Effect.map(([removal]) => removal ?? begun)
    )
    const removal = wait
      ? yield* now.pipe(
        Effect.repeat({ until: ({ deletedAt }) => deletedAt !== null, schedule: Schedule.spaced("1 second") })
      )
      : begun
    yield* output.result(removal, () => `${removal.name} ${removal.deletedAt === null ? "deleting" : "deleted"}`)
    yield* output.note(
      removal.deletedAt === null
        ? "Its keys are refused from now on. `sheaf tenants removals` says how far it is."
        : "Every table, the index and the blobs were counted as zero."
    )
  }))
).pipe(
  Command.withDescription(
    "Delete a tenant with all that it owns, for good. Its keys are refused at once; documents, rows, index entries and blobs go in the background"
  ),
  Command.withExamples([{ command: "sheaf tenants delete ID --name acme --wait" }])
)

export const removals = Command.make(
  "removals",
  { limit },
  remote(Effect.fnUntraced(function*({ limit }) {
    const sheaf = yield* Sheaf
    yield* printList(sheaf.tenants.allRemovals(), {
      limit,
      none: "No tenant was deleted.",
      columns: {
        name: ({ name }) => name,
        requested: ({ requestedAt }) => requestedAt.toISOString(),
        deleted: ({ deletedAt }) => deletedAt?.toISOString() ?? "not yet",
        documents: ({ removed }) => String(removed["documents"] ?? 0),
        blobs: ({ removed }) => String(removed["blobs"] ?? 0),
        id: ({ id }) => id
      }
    })
  }))
).pipe(
  Command.withDescription("List tenants that were deleted or are being deleted, the latest first"),
  Command.withExamples([{ command: "sheaf tenants removals" }])
)
