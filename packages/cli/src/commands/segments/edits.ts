import { Sheaf } from "@sheaf/sdk/effect"
import { Effect, Option } from "effect"
import { Argument, Command, Flag } from "effect/cli"
import { Misused } from "../../terminal/failures.ts"
import { Output } from "../../terminal/Output.ts"
import { cut, printable } from "../../terminal/style.ts"
import { count } from "../../terminal/words.ts"
import { inStep } from "../documents/inStep.ts"
import { remote } from "../handled.ts"
import { given, limit, printList } from "../listing.ts"
import { readText, text } from "./text.ts"
import { repeated } from "../../settings/repeated.ts"

const document = Argument.String("document").pipe(Argument.withDescription("Id of the document"))
const segment = Argument.String("segment").pipe(Argument.withDescription("Id of the segment"))
const keywords = Flag.String("keyword").pipe(
  Flag.withDescription("A word by which it is found; up to 10"),
  repeated
)
const wait = Flag.Boolean("wait").pipe(
  Flag.withDescription("Wait until the search index has followed"),
  Flag.withDefault(false)
)
const headings = Flag.String("heading").pipe(
  Flag.withDescription("A title above it, outermost first; may be given several times"),
  repeated
)

const add = Command.make(
  "add",
  {
    document,
    text,
    after: Flag.String("after").pipe(
      Flag.withDescription("Id of the segment that it follows, or `start`. Default: the end"),
      Flag.optional
    ),
    parentId: Flag.String("parent").pipe(
      Flag.withDescription("Id of the segment that it is a child of"),
      Flag.optional
    ),
    keywords,
    headings,
    wait
  },
  remote(Effect.fnUntraced(function*({ after, document: documentId, headings, keywords, parentId, text, wait }) {
    const output = yield* Output
    const sheaf = yield* Sheaf
    const answer = yield* sheaf.segments.add({
      documentId,
      text: yield* readText(text),
      ...given({ parentId }),
      ...(Option.isSome(after) && { after: after.value === "start" ? null : after.value }),
      ...(headings.length > 0 && { headingPath: headings }),
      ...(keywords.length > 0 && { keywords })
    })
    yield* output.result(answer, () => answer.segment.id)
    if (wait) yield* inStep(documentId)
  }))
).pipe(
  Command.withDescription("Add a segment to a document's published version; later runs keep it"),
  Command.withExamples([
    { command: "sheaf segments add DOCUMENT \"Opening hours: 9 to 17.\" --keyword hours" },
    { command: "sheaf segments add DOCUMENT --after SEGMENT --wait < text.txt" },
    { command: "sheaf segments add DOCUMENT \"A detail\" --parent SEGMENT --json" }
  ])
)

const edit = Command.make(
  "edit",
  {
    document,
    segment,
    text,
    keep: Flag.Boolean("keep-text").pipe(
      Flag.withDescription("Change only what flags name; nothing is read from standard input"),
      Flag.withDefault(false)
    ),
    headings,
    keywords,
    noKeywords: Flag.Boolean("no-keywords").pipe(
      Flag.withDescription("Take its keywords away"),
      Flag.withDefault(false)
    ),
    ifVersion: Flag.Int("if-version").pipe(
      Flag.withDescription("Change nothing if it is not at this version any more"),
      Flag.optional
    ),
    wait
  },
  remote(Effect.fnUntraced(function*(wanted) {
    const { document: documentId, headings, ifVersion, keep, keywords, noKeywords, segment: segmentId, wait } = wanted
    const output = yield* Output
    const sheaf = yield* Sheaf
    if (keep && Option.isSome(wanted.text)) {
      return yield* new Misused({ message: "A text is named that is not to be used.", hint: "Leave --keep-text out." })
    }
    const answer = yield* sheaf.segments.edit({
      documentId,
      segmentId,
      ...(!keep && { text: yield* readText(wanted.text) }),
      ...(headings.length > 0 && { headingPath: headings }),
      ...((noKeywords || keywords.length > 0) && { keywords }),
      ...given({ ifVersion })
    })
    yield* output.result(answer, () => answer.segment.id)
    if (wait) yield* inStep(documentId)
  }))
).pipe(
  Command.withDescription(
    "Change the text, titles or keywords of a segment; another text gives it another id, which is printed"
  ),
  Command.withExamples([
    { command: "sheaf segments edit DOCUMENT SEGMENT \"Opening hours: 10 to 18.\"" },
    { command: "sheaf segments edit DOCUMENT SEGMENT --if-version 2 --wait < text.txt" },
    { command: "sheaf segments edit DOCUMENT SEGMENT --keep-text --keyword hours --keyword closed" }
  ])
)

const remove = Command.make(
  "delete",
  {
    document,
    segments: Argument.String("segment").pipe(
      Argument.withDescription("Ids of segments, up to 1,000"),
      Argument.atLeast(1)
    )
  },
  remote(Effect.fnUntraced(function*({ document: documentId, segments: segmentIds }) {
    const output = yield* Output
    const sheaf = yield* Sheaf
    const answer = yield* sheaf.segments.delete({ documentId, segmentIds })
    yield* output.result(answer, () => `${count(answer.deleted.length, "segment")} deleted`)
    for (const id of answer.missing) yield* output.note(`The published version has no segment ${id}.`)
  }))
).pipe(
  Command.withDescription("Delete segments and their children; no search that begins when this returns finds them"),
  Command.withExamples([{ command: "sheaf segments delete DOCUMENT SEGMENT SEGMENT" }])
)

const changes = Command.make(
  "changes",
  {
    document,
    conflicts: Flag.Boolean("conflicts").pipe(
      Flag.withDescription("Only those that the newest version had to do without"),
      Flag.withDefault(false)
    ),
    forget: Flag.String("forget").pipe(
      Flag.withDescription("Id of a conflict that later runs are not to try again; may be given several times"),
      repeated
    ),
    limit
  },
  remote(Effect.fnUntraced(function*({ conflicts, document: documentId, forget, limit }) {
    const output = yield* Output
    const sheaf = yield* Sheaf
    if (forget.length > 0) {
      const answer = yield* sheaf.segments.forgetChanges({ documentId, changeIds: forget })
      return yield* output.result(answer, () => `${count(answer.forgotten.length, "change")} forgotten`)
    }
    yield* printList(sheaf.segments.everyChange({ documentId, ...(conflicts && { conflict: true }) }), {
      limit,
      none: "Nothing was changed by hand.",
      columns: {
        change: (change) => change.kind,
        conflict: (change) => change.conflict ? "yes" : "",
        segment: (change) => change.segmentId ?? change.originalId ?? "",
        id: (change) => change.id,
        text: (change) => cut(printable(change.text ?? "").replace(/\s+/g, " "), 60)
      }
    })
  }))
).pipe(
  Command.withDescription(
    "List what was edited, added and deleted by hand, and what the newest version had to do without"
  ),
  Command.withExamples([
    { command: "sheaf segments changes DOCUMENT --conflicts" },
    { command: "sheaf segments changes DOCUMENT --forget CHANGE" }
  ])
)

export const edits = [add, edit, remove, changes] as const
