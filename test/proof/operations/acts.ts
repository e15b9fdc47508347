import type { SegmentId } from "@sheaf/domain/ids"
import { Effect } from "effect"
import { otherSpace } from "../world/model.ts"
import type { Act } from "./Scenario.ts"
import * as Steps from "./steps.ts"

/** A published document and one of its segments. */
export interface Target extends Steps.Ingested {
  readonly segmentId: SegmentId
}

/** Everything that can be done to a published document, by the name of the operation. */
export const acts = {
  DocumentsReplace: ({ documentId }) => (actor) => {
    const bytes = Buffer.from(Steps.text("replacement", 4))
    const { call, client, once } = actor
    return call(client.DocumentsReplace({ documentId, size: bytes.length, ...once("replace") })).pipe(
      Effect.flatMap(({ uploadId }) => Steps.send(actor, uploadId, bytes))
    )
  },
  DocumentsRename: ({ documentId }) => ({ call, client, once }) =>
    call(client.DocumentsRename({ documentId, name: "renamed.md", ...once("rename") })),
  DocumentsSetMetadata: ({ documentId }) => ({ call, client, once }) =>
    call(client.DocumentsSetMetadata({ documentId, metadata: { kind: "set" }, ...once("metadata") })),
  DocumentsRun: ({ documentId }) => ({ call, client, once }) =>
    call(
      client.DocumentsRun({
        documentId,
        settings: { chunking: { maxTokens: 64, softMaxTokens: 32, combineUnder: 8 } },
        ...once("run")
      })
    ),
  DocumentsRetry: ({ documentId }) => ({ call, client, once }) =>
    call(client.DocumentsRetry({ documentId, ...once("again") })),
  DocumentsCancel: ({ documentId }) => ({ call, client, once }) =>
    call(client.DocumentsCancel({ documentId, ...once("cancel") })),
  DocumentsPause: ({ documentId }) => ({ call, client, once }) =>
    call(client.DocumentsPause({ documentId, ...once("pause") })),
  DocumentsResume: ({ documentId }) => ({ call, client, once }) =>
    call(client.DocumentsResume({ documentId, ...once("resume") })),
  DocumentsPrioritise: ({ documentId }) => ({ call, client, once }) =>
    call(client.DocumentsPrioritise({ documentId, lane: "bulk", ...once("prioritise") })),
  DocumentsBulk: ({ datasetId }) => ({ call, client, once }) =>
    call(client.DocumentsBulk({ action: { _tag: "Retry" }, select: { datasetId }, ...once("bulk") })),
  DocumentsDelete: ({ documentId }) => ({ call, client, once }) =>
    call(client.DocumentsDelete({ documentId, ...once("delete") })),
  DocumentsDisable: ({ documentId }) => ({ call, client, once }) =>
    call(client.DocumentsDisable({ documentId, ...once("disable") })),
  DocumentsEnable: ({ documentId }) => ({ call, client, once }) =>
    call(client.DocumentsEnable({ documentId, ...once("enable") })),
  DocumentsArchive: ({ documentId }) => ({ call, client, once }) =>
    call(client.DocumentsArchive({ documentId, ...once("archive") })),
  DocumentsUnarchive: ({ documentId }) => ({ call, client, once }) =>
    call(client.DocumentsUnarchive({ documentId, ...once("unarchive") })),
  SegmentsDisable: ({ documentId, segmentId }) => ({ call, client, once }) =>
    call(client.SegmentsDisable({ documentId, segmentIds: [segmentId], ...once("disable segment") })),
  SegmentsEnable: ({ documentId, segmentId }) => ({ call, client, once }) =>
    call(client.SegmentsEnable({ documentId, segmentIds: [segmentId], ...once("enable segment") })),
  SegmentsAdd: ({ documentId, segmentId }) => ({ call, client, once }) =>
    call(
      client.SegmentsAdd({ documentId, after: segmentId, text: "Written by hand about lanterns.", ...once("add") })
    ),
  SegmentsEdit: ({ documentId, segmentId }) => ({ call, client, once }) =>
    call(client.SegmentsEdit({ documentId, segmentId, text: "Edited by hand about compasses.", ...once("edit") })),
  SegmentsDelete: ({ documentId, segmentId }) => ({ call, client, once }) =>
    call(client.SegmentsDelete({ documentId, segmentIds: [segmentId], ...once("remove") })),
  DatasetsUpdate: ({ datasetId }) => ({ call, client, once }) =>
    call(client.DatasetsUpdate({ datasetId, description: "changed", ...once("update") })),
  DatasetsChangeSpace: ({ datasetId }) => ({ call, client, once }) =>
    call(client.DatasetsChangeSpace({ datasetId, spaceId: otherSpace.id, ...once("space") })),
  DatasetsDelete: ({ datasetId }) => ({ call, client, once }) =>
    call(client.DatasetsDelete({ datasetId, ...once("delete dataset") }))
} satisfies Record<string, (target: Target) => Act>
