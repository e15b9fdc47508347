import { Sheaf } from "@sheaf/sdk/effect"
import { Effect } from "effect"
import { Argument, Command } from "effect/cli"
import { Output } from "../terminal/Output.ts"
import { remote } from "./handled.ts"
import { limits } from "./tenants/limits.ts"
import { limit, printList } from "./listing.ts"
import { removals, remove } from "./tenants/delete.ts"
import { tenant, tenantOf } from "./tenants/whichTenant.ts"

const create = Command.make(
  "create",
  { name: Argument.String("name").pipe(Argument.withDescription("Lower-case letters, digits and hyphens")) },
  remote(Effect.fnUntraced(function*({ name }) {
    const output = yield* Output
    const sheaf = yield* Sheaf
    const made = yield* sheaf.tenants.create(name)
    yield* output.result(made, () => made.key.secret)
    yield* output.note(`Tenant ${made.tenant.id} is ready. Its first key is above: it is shown this once.`)
  }))
).pipe(
  Command.withDescription("Make a tenant and print the secret of its first key, once"),
  Command.withExamples([{ command: "sheaf tenants create acme" }])
)

const list = Command.make(
  "list",
  { limit },
  remote(Effect.fnUntraced(function*({ limit }) {
    const sheaf = yield* Sheaf
    yield* printList(sheaf.tenants.all(), {
      limit,
      none: "There are no tenants.",
      columns: {
        name: (tenant) => tenant.name,
        state: (tenant) => tenant.state,
        created: (tenant) => tenant.createdAt.toISOString(),
        id: (tenant) => tenant.id
      }
    })
  }))
).pipe(Command.withDescription("List all tenants"), Command.withExamples([{ command: "sheaf tenants list" }]))

const suspend = Command.make(
  "suspend",
  { tenant },
  remote(Effect.fnUntraced(function*({ tenant }) {
    const output = yield* Output
    const sheaf = yield* Sheaf
    const { name, state } = yield* sheaf.tenants.suspend(yield* tenantOf(tenant))
    yield* output.result({ name, state }, () => `${name} ${state}`)
  }))
).pipe(
  Command.withDescription("Refuse every call of a tenant until it is resumed; nothing is lost"),
  Command.withExamples([{ command: "sheaf tenants suspend acme" }])
)

const resume = Command.make(
  "resume",
  { tenant },
  remote(Effect.fnUntraced(function*({ tenant }) {
    const output = yield* Output
    const sheaf = yield* Sheaf
    const { name, state } = yield* sheaf.tenants.resume(yield* tenantOf(tenant))
    yield* output.result({ name, state }, () => `${name} ${state}`)
  }))
).pipe(
  Command.withDescription("Let a suspended tenant in again"),
  Command.withExamples([{ command: "sheaf tenants resume acme" }])
)

export const tenants = Command.make("tenants").pipe(
  Command.withDescription("Make, list, limit, suspend, resume and delete tenants; needs a key with the scope operator"),
  Command.withSubcommands([create, list, limits, suspend, resume, remove, removals])
)
