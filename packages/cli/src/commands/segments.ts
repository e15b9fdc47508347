import { IndexState } from "@sheaf/domain/segments/IndexState"
import { SegmentOrigin } from "@sheaf/domain/segments/Segment"
import { Sheaf } from "@sheaf/sdk/effect"
import { Effect } from "effect"
import { Argument, Command, Flag } from "effect/cli"
import { pageRange } from "../terminal/pageRange.ts"
import { cut, printable } from "../terminal/style.ts"
import { remote } from "./handled.ts"
import { given, limit, printList, printOne } from "./listing.ts"
import { edits } from "./segments/edits.ts"
import { disable, enable } from "./segments/visibility.ts"

const document = Argument.String("document").pipe(Argument.withDescription("Id of the document"))

const list = Command.make(
  "list",
  {
    document,
    text: Flag.String("text").pipe(Flag.withDescription("Only segments with this in their text"), Flag.optional),
    origin: Flag.Literals("origin", SegmentOrigin.literals).pipe(
      Flag.withDescription("Only segments that come from there"),
      Flag.optional
    ),
    parentId: Flag.String("parent").pipe(Flag.withDescription("Only the children of this segment"), Flag.optional),
    indexState: Flag.Literals("index", IndexState.literals).pipe(
      Flag.withDescription("Only segments of which the index knows so much"),
      Flag.optional
    ),
    disabled: Flag.Boolean("disabled").pipe(Flag.withDescription("Only disabled segments"), Flag.withDefault(false)),
    limit
  },
  remote(Effect.fnUntraced(function*({ disabled, document: documentId, indexState, limit, origin, parentId, text }) {
    const sheaf = yield* Sheaf
    const filter = { ...given({ text, origin, parentId, indexState }), ...(disabled && { enabled: false }) }
    yield* printList(sheaf.segments.all({ documentId, ...filter }), {
      limit,
      none: "It has no published segments.",
      columns: {
        "#": (segment) => String(segment.ordinal),
        page: (segment) => pageRange(segment.boxes),
        tokens: (segment) => String(segment.tokens),
        index: (segment) => segment.enabled ? segment.indexState : "disabled",
        origin: (segment) => segment.parentId === null ? segment.origin : `${segment.origin}, child`,
        id: (segment) => segment.id,
        text: (segment) => cut(printable(segment.text).replace(/\s+/g, " "), 80)
      }
    })
  }))
).pipe(
  Command.withDescription("List the segments of a document's published version, in reading order"),
  Command.withExamples([
    { command: "sheaf segments list DOCUMENT --json" },
    { command: "sheaf segments list DOCUMENT --origin edited --text telescope" }
  ])
)

const get = Command.make(
  "get",
  { document, segment: Argument.String("segment").pipe(Argument.withDescription("Id of the segment")) },
  remote(Effect.fnUntraced(function*({ document, segment: segmentId }) {
    const sheaf = yield* Sheaf
    const segment = yield* sheaf.segments.get({ documentId: document, segmentId })
    yield* printOne(segment, {
      id: segment.id,
      place: segment.ordinal,
      page: pageRange(segment.boxes),
      headings: segment.headingPath.map(printable).join(" › "),
      language: segment.language,
      tokens: segment.tokens,
      keywords: segment.keywords.map(printable).join(", "),
      origin: segment.origin,
      parent: segment.parentId,
      children: segment.children === 0 ? null : segment.children,
      searched: segment.searched,
      fields: Object.keys(segment.fields).length === 0 ? null : segment.fields,
      version: segment.version,
      enabled: segment.enabled,
      index: segment.indexState,
      text: `\n${printable(segment.text)}`
    })
  }))
).pipe(
  Command.withDescription("Show a segment"),
  Command.withExamples([{ command: "sheaf segments get DOCUMENT SEGMENT" }])
)

export const segments = Command.make("segments").pipe(
  Command.withDescription("Look at and change the segments of documents: the units of search"),
  Command.withSubcommands([list, get, ...edits, enable, disable])
)
