import type { ApiKey } from "@sheaf/domain/admin/Admin"
import { Sheaf } from "@sheaf/sdk/effect"
import { Effect, Option } from "effect"
import { Argument, Command, Flag } from "effect/cli"
import { Output } from "../terminal/Output.ts"
import { printable } from "../terminal/style.ts"
import { remote } from "./handled.ts"
import { limit, printList } from "./listing.ts"
import { repeated } from "../settings/repeated.ts"

const create = Command.make(
  "create",
  {
    name: Argument.String("name").pipe(Argument.withDescription("What the key is for")),
    scopes: Flag.Literals("scope", ["read", "write", "admin", "operator"]).pipe(
      Flag.withDescription(
        "What it may do; may be given several times. Each of read, write, admin includes those before it"
      ),
      Flag.atLeast(1)
    ),
    datasets: Flag.String("dataset").pipe(
      Flag.withDescription("The only datasets that it may see; may be given several times. Default: all"),
      repeated
    ),
    expires: Flag.Date("expires").pipe(Flag.withDescription("When it stops working, like 2027-01-31"), Flag.optional)
  },
  remote(Effect.fnUntraced(function*({ datasets, expires, name, scopes }) {
    const output = yield* Output
    const sheaf = yield* Sheaf
    const made = yield* sheaf.keys.create({
      name,
      scopes,
      ...(datasets.length > 0 && { datasets }),
      ...(Option.isSome(expires) && { expiresAt: expires.value })
    })
    yield* output.result(made, () => made.secret)
    yield* output.note("Keep it now: it is shown this once and stored only as a hash.")
  }))
).pipe(
  Command.withDescription("Make an API key and print its secret, once"),
  Command.withExamples([
    { command: "sheaf keys create website --scope read --dataset manuals" },
    { command: "SHEAF_KEY=$(sheaf keys create ci --scope write)", description: "Into a variable" }
  ])
)

const stateOf = ({ expiresAt, revokedAt }: ApiKey): string =>
  revokedAt !== null ? "revoked" : expiresAt === null ? "" : `until ${expiresAt.toISOString().slice(0, 10)}`

const list = Command.make(
  "list",
  { limit },
  remote(Effect.fnUntraced(function*({ limit }) {
    const sheaf = yield* Sheaf
    yield* printList(sheaf.keys.all(), {
      limit,
      none: "There are no keys.",
      columns: {
        name: (key) => printable(key.name),
        begins: (key) => key.prefix,
        scopes: (key) => key.scopes.join(","),
        datasets: (key) => key.datasetIds === null ? "all" : String(key.datasetIds.length),
        used: (key) => key.lastUsedAt?.toISOString() ?? "never",
        state: stateOf,
        id: (key) => key.id
      }
    })
  }))
).pipe(Command.withDescription("List the keys of the tenant"), Command.withExamples([{ command: "sheaf keys list" }]))

const revoke = Command.make(
  "revoke",
  { id: Argument.String("key").pipe(Argument.withDescription("Id of the key, from `sheaf keys list`")) },
  remote(Effect.fnUntraced(function*({ id }) {
    const output = yield* Output
    const sheaf = yield* Sheaf
    const key = yield* sheaf.keys.revoke(id)
    yield* output.result(key, () => key.id)
    yield* output.note(`${printable(key.name)} is refused from now on.`)
  }))
).pipe(
  Command.withDescription("Make a key useless at once"),
  Command.withExamples([{ command: "sheaf keys revoke ID" }])
)

export const keys = Command.make("keys").pipe(
  Command.withDescription("Make, list and revoke API keys"),
  Command.withSubcommands([create, list, revoke])
)
