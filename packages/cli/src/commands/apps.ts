import type { App } from "@sheaf/domain/annotations/App"
import { Sheaf, type SheafService } from "@sheaf/sdk/effect"
import { Effect } from "effect"
import { Argument, Command, Flag } from "effect/cli"
import { Misused } from "../terminal/failures.ts"
import { printable } from "../terminal/style.ts"
import { deleting } from "./deleting.ts"
import { remote } from "./handled.ts"
import { given, limit, printList, printOne } from "./listing.ts"

const id = Argument.String("id").pipe(Argument.withDescription("Id of the app"))
const description = Flag.String("description").pipe(Flag.withDescription("What it is for"), Flag.optional)

const replyOf = ({ reply: { enabled, next, owed, threshold } }: App): string =>
  !enabled
    ? "off"
    : `on from ${threshold}${next === null ? "" : `, moving to ${next.model}`}${
      owed > 0 ? `, ${owed} to be indexed` : ""
    }`

const printApp = (app: App) =>
  printOne(app, {
    id: app.id,
    name: printable(app.name),
    description: printable(app.description),
    annotations: app.annotations,
    reply: replyOf(app),
    space: app.reply.space?.model,
    archived: app.archived ? "yes" : undefined,
    made: app.createdAt
  })

const list = Command.make(
  "list",
  { limit },
  remote(Effect.fnUntraced(function*({ limit }) {
    const sheaf = yield* Sheaf
    yield* printList(sheaf.apps.all(), {
      limit,
      none: "There are no apps: `sheaf apps create help` makes one.",
      columns: {
        name: ({ name }) => printable(name),
        annotations: ({ annotations }) => String(annotations),
        reply: replyOf,
        archived: ({ archived }) => archived ? "yes" : "",
        id: ({ id }) => id
      }
    })
  }))
).pipe(
  Command.withDescription("List apps by name"),
  Command.withExamples([{ command: "sheaf apps list --json" }])
)

const create = Command.make(
  "create",
  { name: Argument.String("name").pipe(Argument.withDescription("Name of the new app")), description },
  remote(Effect.fnUntraced(function*({ description, name }) {
    const sheaf = yield* Sheaf
    yield* printApp(yield* sheaf.apps.create({ name, ...given({ description }) }))
  }))
).pipe(
  Command.withDescription("Make an app: what has curated answers of its own"),
  Command.withExamples([{ command: "sheaf apps create help" }])
)

const update = Command.make(
  "update",
  { id, name: Flag.String("name").pipe(Flag.withDescription("A new name"), Flag.optional), description },
  remote(Effect.fnUntraced(function*({ description, id, name }) {
    const sheaf = yield* Sheaf
    yield* printApp(yield* sheaf.apps.update(id, given({ name, description })))
  }))
).pipe(
  Command.withDescription("Rename an app, or describe it anew"),
  Command.withExamples([{ command: "sheaf apps update ID --name support" }])
)

const reply = Command.make(
  "reply",
  {
    id,
    on: Flag.Boolean("on").pipe(
      Flag.withDescription("Answer questions, and index all annotations for it"),
      Flag.withDefault(false)
    ),
    off: Flag.Boolean("off").pipe(Flag.withDescription("Answer nothing"), Flag.withDefault(false)),
    threshold: Flag.Finite("threshold").pipe(
      Flag.withDescription("The least score of an answer, from 0 to 1"),
      Flag.optional
    ),
    space: Flag.String("space").pipe(
      Flag.withDescription("Id of the embedding space to compare questions in; default that of the server's embedder"),
      Flag.optional
    )
  },
  remote(Effect.fnUntraced(function*({ id, off, on, space, threshold }) {
    const changes = { ...(on !== off && { enabled: on }), ...given({ spaceId: space, threshold }) }
    if (on && off || Object.keys(changes).length === 0) {
      return yield* new Misused({
        message: on ? "It cannot be on and off." : "It is not said what is to change.",
        hint: "Pass --on or --off, --threshold, or --space; `sheaf apps get ID` shows how it stands."
      })
    }
    const sheaf = yield* Sheaf
    yield* printApp(yield* sheaf.apps.setReply(id, changes))
  }))
).pipe(
  Command.withDescription("Switch an app's answers on or off, or set how close a question has to be"),
  Command.withExamples([{ command: "sheaf apps reply ID --on --threshold 0.85" }])
)

const onOne = (
  name: "get" | "archive" | "unarchive",
  description: string,
  call: (sheaf: SheafService, id: string) => ReturnType<SheafService["apps"]["archive"]>
) =>
  Command.make(
    name,
    { id },
    remote(({ id }) => Effect.flatMap(Effect.flatMap(Sheaf, (sheaf) => call(sheaf, id)), printApp))
  )
    .pipe(
      Command.withDescription(description),
      Command.withExamples([{ command: `sheaf apps ${name} ID` }])
    )

const get = onOne("get", "Show an app", ({ apps }, id) => apps.get(id))
const archive = onOne("archive", "Keep an app as it is: it answers nothing", ({ apps }, id) => apps.archive(id))
const unarchive = onOne("unarchive", "Take an archived app back", ({ apps }, id) => apps.unarchive(id))

const remove = deleting("apps", id, "Delete an app with all its annotations", ({ apps }, id) => apps.delete(id))

export const apps = Command.make("apps").pipe(
  Command.withDescription("List, make, change and delete apps: what has curated answers of its own"),
  Command.withSubcommands([list, get, create, update, reply, archive, unarchive, remove])
)
