import { type Annotation, IfExists } from "@sheaf/domain/annotations/Annotation"
import { Sheaf } from "@sheaf/sdk/effect"
import { Effect } from "effect"
import { Argument, Command, Flag } from "effect/cli"
import { Output } from "../terminal/Output.ts"
import { printable } from "../terminal/style.ts"
import { table } from "../terminal/table.ts"
import { shortened } from "../terminal/words.ts"
import { remote } from "./handled.ts"
import { given, limit, printList, printOne } from "./listing.ts"

const app = Flag.String("app").pipe(Flag.withDescription("Id of the app"))
const id = Argument.String("id").pipe(Argument.withDescription("Id of the annotation"))
const question = Flag.String("question").pipe(Flag.withDescription("The question"))
const answer = Flag.String("answer").pipe(Flag.withDescription("Its answer"))

const printAnnotation = (annotation: Annotation, more: { readonly [name: string]: unknown } = {}) =>
  printOne({ ...annotation, ...more }, {
    ...more,
    id: annotation.id,
    question: printable(annotation.question),
    answer: printable(annotation.answer),
    copies: annotation.copies > 0 ? annotation.copies : undefined,
    version: annotation.version,
    hits: annotation.hits,
    changed: annotation.updatedAt
  })

const list = Command.make(
  "list",
  {
    app,
    limit,
    text: Flag.String("text").pipe(Flag.withDescription("In the question or the answer"), Flag.optional),
    duplicated: Flag.Boolean("duplicated").pipe(
      Flag.withDescription("Only questions that are there more than once"),
      Flag.withDefault(false)
    ),
    unused: Flag.Boolean("unused").pipe(
      Flag.withDescription("Only those that never were the answer"),
      Flag.withDefault(false)
    )
  },
  remote(Effect.fnUntraced(function*({ app, duplicated, limit, text, unused }) {
    const sheaf = yield* Sheaf
    const filter = { ...given({ text }), ...(duplicated && { duplicated }), ...(unused && { unused }) }
    yield* printList(sheaf.annotations.all({ appId: app, ...filter }), {
      limit,
      none: "There are no such annotations.",
      columns: {
        question: ({ question }) => shortened(question),
        answer: ({ answer }) => shortened(answer),
        hits: ({ hits }) => String(hits),
        copies: ({ copies }) => copies > 0 ? String(copies) : "",
        id: ({ id }) => id
      }
    })
  }))
).pipe(
  Command.withDescription("List an app's questions and answers, the newest first"),
  Command.withExamples([{ command: "sheaf annotations list --app ID --text password" }])
)

const get = Command.make(
  "get",
  { id },
  remote(Effect.fnUntraced(function*({ id }) {
    const sheaf = yield* Sheaf
    yield* printAnnotation(yield* sheaf.annotations.get(id))
  }))
).pipe(
  Command.withDescription("Show a question and its answer"),
  Command.withExamples([{ command: "sheaf annotations get ID" }])
)

const create = Command.make(
  "create",
  {
    app,
    question,
    answer,
    ifExists: Flag.Literals("if-exists", IfExists.literals).pipe(
      Flag.withDescription("What to do where the app has the question already"),
      Flag.optional
    )
  },
  remote(Effect.fnUntraced(function*({ answer, app, ifExists, question }) {
    const sheaf = yield* Sheaf
    const { annotation, outcome, similar } = yield* sheaf.annotations.create({
      appId: app,
      question,
      answer,
      ...given({ ifExists })
    })
    yield* printAnnotation(annotation, { outcome })
    const output = yield* Output
    for (const other of similar) {
      yield* output.note(
        `Close to it (${other.score.toFixed(2)}): ${printable(other.annotation.question)} (${other.annotation.id})`
      )
    }
  }))
).pipe(
  Command.withDescription("Add a question and its answer to an app"),
  Command.withExamples([
    { command: "sheaf annotations create --app ID --question \"Who are you?\" --answer \"A help page.\"" }
  ])
)

const asked = Argument.String("question").pipe(Argument.withDescription("What is asked"))

const match = Command.make(
  "match",
  { app, asked },
  remote(Effect.fnUntraced(function*({ app, asked }) {
    const output = yield* Output
    const sheaf = yield* Sheaf
    const answer = yield* sheaf.annotations.match({ appId: app, question: asked })
    yield* output.value(answer)
    if (answer.best !== null) yield* output.text(printable(answer.best.annotation.answer))
    else {
      const nearest = answer.nearest === null ? "" : ` The nearest scores ${answer.nearest.toFixed(2)}.`
      yield* output.note(`There is no answer to that.${nearest}`)
    }
    if (answer.without !== undefined) yield* output.note("Only the same words were looked for.")
  }))
).pipe(
  Command.withDescription("Answer a question, as the app would"),
  Command.withExamples([{ command: "sheaf annotations match --app ID \"How do I get in?\"" }])
)

const nothingSimilar = "Nothing of the app is like it; while its reply is off, only the same words are looked for."

const similar = Command.make(
  "similar",
  { app, asked },
  remote(Effect.fnUntraced(function*({ app, asked }) {
    const output = yield* Output
    const sheaf = yield* Sheaf
    const found = yield* sheaf.annotations.similar({ appId: app, question: asked, threshold: 0 })
    yield* output.value(found)
    if (found.items.length === 0) return yield* output.note(nothingSimilar)
    yield* output.text(table(
      ["SCORE", "QUESTION", "ID"],
      found.items.map(({ annotation, score }) => [score.toFixed(2), shortened(annotation.question), annotation.id])
    ))
  }))
).pipe(
  Command.withDescription("Show what is closest to a question, with scores"),
  Command.withExamples([{ command: "sheaf annotations similar --app ID \"How do I get in?\"" }])
)

const hits = Command.make(
  "hits",
  { id, limit },
  remote(Effect.fnUntraced(function*({ id, limit }) {
    const sheaf = yield* Sheaf
    yield* printList(sheaf.annotations.everyHit(id), {
      limit,
      none: "It has not been the answer in the last 90 days.",
      columns: {
        when: ({ at }) => at.toISOString(),
        score: ({ score }) => score.toFixed(2),
        who: ({ actor }) => printable(actor.onBehalfOf?.name ?? actor.onBehalfOf?.id ?? actor.keyId),
        question: ({ question }) => shortened(question)
      }
    })
  }))
).pipe(
  Command.withDescription("Show when an annotation was the answer, and to whom"),
  Command.withExamples([{ command: "sheaf annotations hits ID" }])
)

const update = Command.make(
  "update",
  { id, question: Flag.optional(question), answer: Flag.optional(answer) },
  remote(Effect.fnUntraced(function*({ answer, id, question }) {
    const sheaf = yield* Sheaf
    yield* printAnnotation(yield* sheaf.annotations.update(id, given({ question, answer })))
  }))
).pipe(
  Command.withDescription("Change a question or its answer"),
  Command.withExamples([{ command: "sheaf annotations update ID --answer \"Another one.\"" }])
)

const remove = Command.make(
  "delete",
  {
    app,
    ids: Argument.String("ids").pipe(Argument.withDescription("Ids of annotations"), Argument.variadic({ min: 1 }))
  },
  remote(Effect.fnUntraced(function*({ app, ids }) {
    const output = yield* Output
    const sheaf = yield* Sheaf
    const gone = yield* sheaf.annotations.delete({ appId: app, annotationIds: ids })
    yield* output.result(gone, () => gone.deleted.join("\n"))
    if (gone.missing.length > 0) yield* output.note(`Not of this app: ${gone.missing.join(", ")}`)
  }))
).pipe(
  Command.withDescription("Delete annotations of an app, up to 1,000 at a time"),
  Command.withExamples([{ command: "sheaf annotations delete --app ID ID ID" }])
)

export const annotations = Command.make("annotations").pipe(
  Command.withDescription("List, add, change and delete curated questions and answers of apps"),
  Command.withSubcommands([list, get, create, update, remove, match, similar, hits])
)
