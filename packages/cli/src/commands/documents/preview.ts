import { mostPreviewed } from "@sheaf/domain/documents/Preview"
import type { PreviewedSegment, TextPreview } from "@sheaf/sdk"
import { Sheaf } from "@sheaf/sdk/effect"
import { Effect } from "effect"
import { Command, Flag } from "effect/cli"
import { Output } from "../../terminal/Output.ts"
import { pageRange } from "../../terminal/pageRange.ts"
import { printable, type Style } from "../../terminal/style.ts"
import { method } from "../chunkingFlags.ts"
import { remote } from "../handled.ts"
import { given } from "../listing.ts"
import { readText, text } from "../segments/text.ts"
import { whichDataset } from "../whichDataset.ts"
import { id } from "./arguments.ts"
import { settingsFlags, settingsOf } from "./settingsFlags.ts"

const flags = {
  chunker: method("chunker"),
  ...settingsFlags,
  limit: Flag.Int("limit").pipe(
    Flag.withAlias("n"),
    Flag.withDescription(`Most segments, up to ${mostPreviewed}`),
    Flag.withDefault(5)
  )
}

export const preview = Command.make(
  "preview",
  { id, ...flags },
  remote(Effect.fnUntraced(function*({ chunker, id, limit, ...flags }) {
    const sheaf = yield* Sheaf
    const settings = yield* settingsOf({ ...flags, method: chunker })
    yield* show(yield* sheaf.documents.preview(id, { limit, ...given({ settings }) }))
  }))
).pipe(
  Command.withDescription("Show the first segments that a document would be cut into, without a run"),
  Command.withExamples([
    { command: "sheaf documents preview ID" },
    { command: "sheaf documents preview ID --chunker parent-child --max-tokens 96 --limit 10" }
  ])
)

export const previewText = Command.make(
  "preview-text",
  {
    text,
    dataset: Flag.String("dataset").pipe(
      Flag.withAlias("d"),
      Flag.withDescription("Whose settings hold. Default: the only dataset there is"),
      Flag.optional
    ),
    ...flags
  },
  remote(Effect.fnUntraced(function*({ chunker, dataset, limit, text, ...flags }) {
    const sheaf = yield* Sheaf
    const settings = yield* settingsOf({ ...flags, method: chunker })
    const { id } = yield* sheaf.datasets.get(yield* whichDataset(dataset))
    const words = yield* readText(text)
    yield* show(yield* sheaf.documents.previewText(id, words, { limit, ...given({ settings }) }))
  }))
).pipe(
  Command.withDescription("Show the segments that a text would be cut into, without a document"),
  Command.withExamples([
    { command: "sheaf documents preview-text \"A few sentences.\" --dataset manuals --max-tokens 64" },
    { command: "sheaf documents preview-text --dataset manuals < notes.txt" }
  ])
)

const show = Effect.fnUntraced(function*(found: TextPreview) {
  const output = yield* Output
  yield* output.result(found, () =>
    found.segments.length === 0
      ? "There would be no segment."
      : found.segments.map((segment, index) => wordsOf(segment, index, output.style)).join("\n\n"))
  yield* Effect.forEach(found.warnings, (warning) => output.note(`Warning: ${printable(warning)}`))
  if (found.more) yield* output.note(`There would be more: --limit ${mostPreviewed} shows up to so many.`)
})

/** A line about it, and its text. */
const wordsOf = (
  { boxes, family, fields, headingPath, text, tokens }: PreviewedSegment,
  index: number,
  style: Style
) => {
  const pages = pageRange(boxes)
  const about = [
    `#${index + 1}`,
    ...(family === undefined ? [] : [family]),
    `${tokens} tokens`,
    ...(pages === "" ? [] : [`p. ${pages}`]),
    ...(headingPath.length === 0 ? [] : [printable(headingPath.join(" > "))])
  ]
  return [
    style.bold(about.join(" · ")),
    printable(text),
    ...(fields === undefined ? [] : [style.dim(printable(JSON.stringify(fields)))])
  ].join("\n")
}
