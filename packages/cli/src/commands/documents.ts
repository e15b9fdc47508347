import type { Document } from "@sheaf/domain/documents/Document"
import { explain } from "@sheaf/domain/documents/FailureCause"
import { Sheaf } from "@sheaf/sdk/effect"
import { Effect } from "effect"
import { Command, Flag } from "effect/cli"
import { printable } from "../terminal/style.ts"
import { bytes } from "../terminal/words.ts"
import { causeOf, id } from "./documents/arguments.ts"
import { cancel, pause, prioritise, resume, retry } from "./documents/control.ts"
import { remove } from "./documents/delete.ts"
import { list } from "./documents/list.ts"
import { preview, previewText } from "./documents/preview.ts"
import { queue } from "./documents/queue.ts"
import { run, showSettings } from "./documents/run.ts"
import { runs } from "./documents/runs.ts"
import { archive, disable, enable, unarchive } from "./documents/visibility.ts"
import { assets } from "./documents/assets.ts"
import { cite, metadata, rename, replace, thumbnail } from "./documents/details.ts"
import { save } from "./documents/save.ts"
import { remote } from "./handled.ts"
import { printOne } from "./listing.ts"

const get = Command.make(
  "get",
  { id },
  remote(Effect.fnUntraced(function*({ id }) {
    const sheaf = yield* Sheaf
    yield* printDocument(yield* sheaf.documents.get(id))
  }))
).pipe(
  Command.withDescription("Show a document and how it stands"),
  Command.withExamples([{ command: "sheaf documents get ID" }])
)

const printDocument = (document: Document) =>
  printOne(document, {
    id: document.id,
    name: printable(document.name),
    status: document.status,
    reason: printable(causeOf(document.run)),
    hint: document.run?.cause ? explain(document.run.cause).hint : "",
    type: document.mediaType,
    size: bytes(document.size),
    pages: document.pages === 0 ? null : document.pages,
    segments: document.segments,
    index: document.indexState,
    tokens: document.tokens,
    metadata: document.metadata,
    dataset: document.datasetId,
    "attached to": document.parentId,
    created: document.createdAt,
    updated: document.updatedAt
  })

const download = Command.make(
  "download",
  {
    id,
    output: Flag.String("output").pipe(
      Flag.withAlias("o"),
      Flag.withDescription("File to write; it must not exist. Default: standard output"),
      Flag.optional
    )
  },
  remote(Effect.fnUntraced(function*({ id, output: file }) {
    const sheaf = yield* Sheaf
    yield* save(yield* sheaf.documents.download(id), file)
  }))
).pipe(
  Command.withDescription("Fetch the original bytes of a document"),
  Command.withExamples([{ command: "sheaf documents download ID --output report.pdf" }])
)

export const documents = Command.make("documents").pipe(
  Command.withDescription(
    "List, look at, build, hold up, cancel, hide, show, rename, replace, delete, cite and fetch documents"
  ),
  Command.withSubcommands([
    list,
    get,
    queue,
    runs,
    showSettings,
    preview,
    previewText,
    run,
    retry,
    cancel,
    pause,
    resume,
    prioritise,
    enable,
    disable,
    archive,
    unarchive,
    rename,
    metadata,
    replace,
    remove,
    download,
    cite,
    thumbnail,
    assets
  ])
)
