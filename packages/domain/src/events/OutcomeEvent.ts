import { Schema } from "effect"
import { EventCursor, TenantId } from "../ids.ts"
import { Timestamp } from "../time.ts"
import { EventBody } from "./Event.ts"

/**
 * An event of a tenant's log as it is published to others. The same event may come twice, and then with the same cursor: whoever has
 * seen a cursor as high or higher can leave it.
 */
export const OutcomeEvent = Schema.Struct({
  version: Schema.Literal(1),
  tenant: TenantId,
  cursor: EventCursor,
  at: Timestamp,
  body: EventBody
})
export type OutcomeEvent = typeof OutcomeEvent.Type

interface OfDataset {
  readonly datasetId: string
}
interface OfDocument extends OfDataset {
  readonly documentId: string
}

const dataset = (outcome: string) => ({ datasetId }: OfDataset) => ["datasets", datasetId, outcome]
const document = (outcome: string) => ({ datasetId, documentId }: OfDocument) => [
  "documents",
  datasetId,
  documentId,
  outcome
]

/** What follows the tenant in the subject of an event: `<area>.<ids>.<outcome>`. Total: an event without a subject does not compile. */
export const outcomeTokens: (body: EventBody) => ReadonlyArray<string> = EventBody.match({
  DatasetCreated: dataset("created"),
  DatasetDeleted: dataset("deleted"),
  SpaceChanged: dataset("space-changed"),
  SpaceChangeFailed: dataset("space-change-failed"),
  DocumentAccepted: document("accepted"),
  DocumentReplaced: document("replaced"),
  DocumentPublished: document("published"),
  DocumentFailed: document("failed"),
  RunCancelled: document("cancelled"),
  DocumentChanged: document("changed"),
  SegmentsChanged: document("segments-changed"),
  DocumentDeleted: document("deleted"),
  ImportProgressed: ({ importId }) => ["imports", importId, "progressed"],
  ImportFinished: ({ importId }) => ["imports", importId, "finished"],
  SyncFinished: ({ syncId }) => ["syncs", syncId, "finished"],
  ConnectionRevoked: ({ connectionId }) => ["connections", connectionId, "revoked"],
  OperationFinished: ({ operationId }) => ["operations", operationId, "finished"],
  WebhookDisabled: ({ webhookId }) => ["webhooks", webhookId, "disabled"]
})
