import type { Segment } from "@sheaf/domain/segments/Segment"
import { Sheaf } from "@sheaf/sdk/effect"
import { Effect } from "effect"
import { Argument, Command } from "effect/cli"
import { cut, printable } from "../terminal/style.ts"
import { remote } from "./handled.ts"
import { limit, printList, printOne } from "./listing.ts"
import { disable, enable } from "./segments/visibility.ts"

const document = Argument.String("document").pipe(Argument.withDescription("Id of the document"))

const pagesOf = ({ boxes }: Segment): string => {
  const pages = [...new Set(boxes.map(({ page }) => page))].sort((a, b) => a - b)
  return pages.length < 2 ? pages.join("") : `${pages[0]}–${pages.at(-1)}`
}

const list = Command.make(
  "list",
  { document, limit },
  remote(Effect.fnUntraced(function*({ document, limit }) {
    const sheaf = yield* Sheaf
    yield* printList(sheaf.segments.all({ documentId: document }), {
      limit,
      none: "It has no published segments.",
      columns: {
        "#": (segment) => String(segment.ordinal),
        page: pagesOf,
        tokens: (segment) => String(segment.tokens),
        index: (segment) => segment.enabled ? segment.indexState : "disabled",
        id: (segment) => segment.id,
        text: (segment) => cut(printable(segment.text).replace(/\s+/g, " "), 80)
      }
    })
  }))
).pipe(
  Command.withDescription("List the segments of a document's published version, in reading order"),
  Command.withExamples([{ command: "sheaf segments list DOCUMENT --json" }])
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
      page: pagesOf(segment),
      headings: segment.headingPath.map(printable).join(" › "),
      language: segment.language,
      tokens: segment.tokens,
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
  Command.withDescription("Look at the segments of documents: the units of search"),
  Command.withSubcommands([list, get, enable, disable])
)
