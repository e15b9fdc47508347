import type { Connection } from "@sheaf/domain/connections/Connection"
import { Sheaf } from "@sheaf/sdk/effect"
import { Effect, Option } from "effect"
import { Argument, Command, Flag } from "effect/cli"
import { Output } from "../terminal/Output.ts"
import { printable } from "../terminal/style.ts"
import { printProblems, wordsOf } from "./documents/many.ts"
import { remote } from "./handled.ts"
import { given, limit, printList, printOne } from "./listing.ts"
import { items } from "./notion/items.ts"
import { bring, sources, sync } from "./notion/sources.ts"
import { background, syncs } from "./notion/syncs.ts"
import { readToken, tokenFile } from "./notion/token.ts"

const id = Argument.String("id").pipe(Argument.withDescription("Id of the connection"))

const stateOf = ({ reason, state }: Connection) => reason === null ? state : `${state}: ${printable(reason)}`

const printConnection = (connection: Connection) =>
  printOne(connection, {
    id: connection.id,
    name: printable(connection.name),
    workspace: printable(connection.workspace.name),
    integration: printable(connection.integration.name),
    state: stateOf(connection),
    since: connection.stateChangedAt,
    checked: connection.checkedAt,
    made: connection.createdAt
  })

const connect = Command.make(
  "connect",
  {
    name: Flag.String("name").pipe(Flag.withDescription("Default: that of the workspace"), Flag.optional),
    connection: Flag.String("connection").pipe(
      Flag.withDescription("Id of a connection that gets the token instead: connects again what was revoked"),
      Flag.optional
    ),
    tokenFile
  },
  remote(Effect.fnUntraced(function*({ connection, name, tokenFile }) {
    const sheaf = yield* Sheaf
    const wish = { token: yield* readToken(tokenFile), ...given({ name }) }
    yield* printConnection(
      yield* Option.isSome(connection)
        ? sheaf.connections.update(connection.value, wish)
        : sheaf.connections.create(wish)
    )
  }))
).pipe(
  Command.withDescription("Connect a workspace, with the token of an integration; Notion is asked whose it is"),
  Command.withExamples([
    { command: "sheaf notion connect --name Handbook" },
    { command: "sheaf notion connect --token-file token.txt --connection ID" }
  ])
)

const connections = Command.make(
  "connections",
  { limit },
  remote(Effect.fnUntraced(function*({ limit }) {
    const sheaf = yield* Sheaf
    yield* printList(sheaf.connections.all(), {
      limit,
      none: "No workspace is connected: `sheaf notion connect` does it.",
      columns: {
        name: ({ name }) => printable(name),
        workspace: ({ workspace }) => printable(workspace.name),
        state: ({ state }) => state,
        checked: ({ checkedAt }) => checkedAt.toISOString(),
        id: ({ id }) => id
      }
    })
  }))
).pipe(
  Command.withDescription("List connected workspaces"),
  Command.withExamples([{ command: "sheaf notion connections --json" }])
)

/** One connection, changed or not, and shown. */
const one = (name: "check" | "disable" | "enable" | "revoke", description: string) =>
  Command.make(
    name,
    { id },
    remote(Effect.fnUntraced(function*({ id }) {
      const sheaf = yield* Sheaf
      yield* printConnection(yield* sheaf.connections[name](id))
    }))
  ).pipe(Command.withDescription(description), Command.withExamples([{ command: `sheaf notion ${name} ID` }]))

const pages = Command.make(
  "pages",
  { id, limit },
  remote(Effect.fnUntraced(function*({ id, limit }) {
    const sheaf = yield* Sheaf
    yield* printList(sheaf.connections.everyItem(id), {
      limit,
      none: "The integration sees nothing: share pages with it in Notion (\"Connections\" in the menu of a page).",
      columns: {
        kind: ({ kind, trashed }) => trashed ? `${kind} (in the trash)` : kind,
        title: ({ title }) => printable(title),
        edited: ({ editedAt }) => editedAt.toISOString(),
        id: ({ id }) => id
      }
    })
  }))
).pipe(
  Command.withDescription("List the pages and databases that a connection sees, those edited longest ago first"),
  Command.withExamples([{ command: "sheaf notion pages ID --limit 1000" }])
)

const remove = Command.make(
  "delete",
  {
    id,
    documents: Flag.Literals("documents", ["keep", "delete"]).pipe(
      Flag.withDescription("What becomes of the documents that came through it: they stay as they are, or are deleted")
    ),
    background
  },
  remote(Effect.fnUntraced(function*({ background, documents, id }) {
    const output = yield* Output
    const sheaf = yield* Sheaf
    const { operation: begun } = yield* sheaf.connections.delete(id, documents)
    const operation = begun === null || background ? begun : yield* sheaf.operations.finished(begun.id)
    yield* output.result({ id, deleted: true, operation }, () => id)
    if (operation === null) return yield* output.note("Deleted. No document was.")
    if (!background) {
      yield* output.note(`Deleted. Its documents: ${wordsOf(operation)}.`)
      return yield* printProblems(operation)
    }
    yield* output.note(
      `Deleted. Its documents go without this program: \`sheaf operations get ${operation.id}\` says how it stands.`
    )
  }))
).pipe(
  Command.withDescription("Delete a connection with its token, what follows through it and the history of that"),
  Command.withExamples([
    { command: "sheaf notion delete ID --documents keep" },
    { command: "sheaf notion delete ID --documents delete" }
  ])
)

export const notion = Command.make("notion").pipe(
  Command.withDescription("Connect workspaces of Notion, and see what is in them"),
  Command.withSubcommands([
    connect,
    connections,
    pages,
    bring,
    sync,
    syncs,
    sources,
    items,
    one("check", "Ask Notion whether it still accepts the token"),
    one("disable", "Let nothing come through a connection until it is enabled; the token is kept"),
    one("enable", "Let a disabled connection be used again"),
    one("revoke", "Forget the token for good; documents that came through it stay"),
    remove
  ])
)
