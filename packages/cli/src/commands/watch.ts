import { explain } from "@sheaf/domain/documents/FailureCause"
import type { DocumentStatus } from "@sheaf/domain/documents/status"
import type { Event } from "@sheaf/domain/events/Event"
import { explainSpaceChange } from "@sheaf/domain/spaces/SpaceChange"
import type { SnapshotItem } from "@sheaf/domain/events/EventsRpcs"
import { describeProgress } from "@sheaf/domain/runs/describeRun"
import { Sheaf } from "@sheaf/sdk/effect"
import { DateTime, Effect, Option, Stream } from "effect"
import { Argument, Command, Flag } from "effect/cli"
import { commandName } from "../settings/globals.ts"
import { Misused } from "../terminal/failures.ts"
import { Output } from "../terminal/Output.ts"
import { printable } from "../terminal/style.ts"
import { count } from "../terminal/words.ts"
import { remote } from "./handled.ts"

export const watch = Command.make(
  "watch",
  {
    document: Argument.String("document").pipe(
      Argument.withDescription("Id of a document: its progress until it is done. Default: everything that happens"),
      Argument.optional
    ),
    dataset: Flag.String("dataset").pipe(
      Flag.withAlias("d"),
      Flag.withDescription("Only what happens in this dataset"),
      Flag.optional
    ),
    after: Flag.String("after").pipe(
      Flag.withDescription("Go on after this cursor; 0 begins with the oldest event that is kept"),
      Flag.optional
    ),
    snapshot: Flag.Boolean("snapshot").pipe(
      Flag.withDescription(
        "If --after is older than the events that are kept, show how everything stands and go on from there"
      ),
      Flag.withDefault(false)
    ),
    untilIdle: Flag.Boolean("until-idle").pipe(
      Flag.withDescription("End when no document of the dataset is being built"),
      Flag.withDefault(false)
    )
  },
  remote(Effect.fnUntraced(function*({ after, dataset, document, snapshot, untilIdle }) {
    if (Option.isSome(document)) return yield* watchDocument(document.value)
    if (untilIdle && Option.isNone(dataset)) {
      return yield* new Misused({ message: "--until-idle needs a dataset.", hint: "Add --dataset NAME." })
    }
    yield* watchEvents({
      dataset: Option.getOrUndefined(dataset),
      after: Option.getOrUndefined(after),
      untilIdle,
      onExpired: snapshot ? "snapshot" : "fail"
    })
  }))
).pipe(
  Command.withDescription("Follow a document, a dataset or the whole tenant"),
  Command.withExamples([
    { command: "sheaf watch ID", description: "Progress of a document; fails as the document does" },
    { command: "sheaf watch --dataset manuals --after 1204 --json", description: "Go on where an earlier watch ended" }
  ])
)

const watchDocument = Effect.fnUntraced(function*(documentId: string) {
  const output = yield* Output
  const sheaf = yield* Sheaf
  yield* Stream.runForEach(
    sheaf.documents.progress(documentId),
    Effect.fnUntraced(function*(progress) {
      const now = yield* DateTime.nowAsDate
      const message = describeProgress(progress, now)
      yield* output.result({ type: "progress", at: progress.since, ...progress, message }, () => message)
    })
  )
  // Fails with the document's own failure.
  const document = yield* sheaf.documents.done(documentId)
  yield* output.result(
    { type: "result", document },
    () => `${printable(document.name)}: ${count(document.segments, "segment")} can be searched`
  )
})

const busy: ReadonlyArray<DocumentStatus> = ["queuing", "indexing", "updating", "waiting", "paused"]

const watchEvents = Effect.fnUntraced(
  function*({ after, dataset, onExpired, untilIdle }: {
    readonly dataset: string | undefined
    readonly after: string | undefined
    readonly untilIdle: boolean
    readonly onExpired: "fail" | "snapshot"
  }) {
    const name = yield* commandName
    const output = yield* Output
    const sheaf = yield* Sheaf
    let cursor = after
    const events = Stream.runForEach(sheaf.events.since(after, { dataset, onExpired }), (event) => {
      if ("snapshot" in event) {
        // Only one that is whole can be gone on from.
        if (event.last) cursor = event.cursor
        return Effect.forEach(event.snapshot, showItem, { discard: true })
      }
      cursor = event.cursor
      const { _tag: type, ...body } = event.body
      return output.result({ type, cursor: event.cursor, at: event.at, ...body }, () => eventWords(event))
    })
    const resume = Effect.suspend(() =>
      output.note(`${cursor === undefined ? "" : `\n\`${name} watch --after ${cursor}\` goes on from here.`}`.trimEnd())
    )
    const idle = Effect.gen(function*() {
      if (dataset === undefined || !untilIdle) return yield* Effect.never
      for (;;) {
        const { total } = yield* sheaf.documents.list({ dataset, status: busy, withTotal: true, limit: 1 })
        if (total === 0) return
        yield* Effect.sleep("1 second")
      }
    })
    // Events of what has just ended are still on their way when nothing is busy any more.
    const end = Effect.andThen(idle, Effect.sleep("300 millis"))
    yield* Effect.onInterrupt(Effect.raceFirst(events, end), () => resume)
  }
)

const showItem = Effect.fnUntraced(function*(item: SnapshotItem) {
  const output = yield* Output
  const { _tag, ...facts } = item
  yield* output.result({ type: `Snapshot${_tag}`, ...facts }, () =>
    item._tag === "Dataset"
      ? `there is     dataset ${printable(item.name)}`
      : `${item.status.padEnd(11)}  ${item.documentId}  ${printable(item.name)}`)
})

const eventWords = ({ at, body, cursor }: Event): string => `${at.toISOString()}  ${cursor}  ${bodyWords(body)}`

const bodyWords = (body: Event["body"]): string => {
  switch (body._tag) {
    case "DatasetCreated":
      return `dataset ${printable(body.name)} was made`
    case "SpaceChanged":
      return `dataset ${body.datasetId} is in space ${body.to} now`
    case "SpaceChangeFailed":
      return `dataset ${body.datasetId} cannot move to another space: ${explainSpaceChange(body.cause)}`
    case "DatasetDeleted":
      return `dataset ${body.datasetId} was deleted`
    case "DocumentAccepted":
      return `accepted   ${body.documentId}  ${printable(body.name)}`
    case "DocumentReplaced":
      return `replaced   ${body.documentId}  ${printable(body.name)}`
    case "DocumentPublished":
      return `published  ${body.documentId}  ${count(body.segments, "segment")}`
    case "DocumentFailed":
      return `failed     ${body.documentId}  ${body.cause._tag}: ${printable(explain(body.cause).message)}`
    case "RunCancelled":
      return `cancelled  ${body.documentId}`
    case "DocumentChanged":
      return `changed    ${body.documentId}  ${body.changes.join(", ")}`
    case "SegmentsChanged":
      return `${body.change.padEnd(9)}  ${body.documentId}  ${count(body.count, "segment")}`
    case "DocumentDeleted":
      return `deleted    ${body.documentId}`
    case "ImportProgressed":
      return `importing  import ${body.importId}: ${body.total - body.pending} of ${count(body.total, "row")}`
    case "ImportFinished":
      return `${
        body.state.padEnd(10)
      } import ${body.importId}: ${body.created} created, ${body.overwritten} overwritten, ${body.failed} failed of ${
        count(body.total, "row")
      }`
    case "SyncFinished":
      return `${body.state.padEnd(10)} sync ${body.syncId}: ${
        Object.entries(body.counts).map(([name, many]) => `${many} ${name}`).join(", ") || "nothing to do"
      }`
    case "ConnectionRevoked":
      return `revoked    connection ${body.connectionId} (${printable(body.name)}): ${printable(body.reason)}`
    case "OperationFinished":
      return `${
        body.state.padEnd(10)
      } operation ${body.operationId} (${body.action}): ${body.done} of ${body.total} done`
    case "WebhookDisabled":
      return `disabled   webhook ${body.webhookId}: ${
        body.reason === "gone" ? "its receiver is gone" : "nothing gets through"
      }`
  }
}
