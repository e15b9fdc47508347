import { Schema } from "effect"
import type { EventBody } from "../events/Event.ts"

/**
 * What receivers of webhooks and of mail know an event by. Total: whoever adds an event to `EventBody` writes its line here, and nothing
 * else, to have it delivered. A name never changes once it is released: receivers filter by it.
 */
const names = {
  DatasetCreated: "dataset.created",
  DatasetDeleted: "dataset.deleted",
  SpaceChanged: "dataset.space-changed",
  SpaceChangeFailed: "dataset.space-change-failed",
  DocumentAccepted: "document.accepted",
  DocumentReplaced: "document.replaced",
  DocumentPublished: "document.published",
  DocumentFailed: "document.failed",
  RunCancelled: "document.cancelled",
  DocumentChanged: "document.changed",
  SegmentsChanged: "document.segments-changed",
  DocumentDeleted: "document.deleted",
  ImportProgressed: "import.progressed",
  ImportFinished: "import.finished",
  SyncFinished: "sync.finished",
  ConnectionRevoked: "connection.revoked",
  OperationFinished: "operation.finished",
  WebhookDisabled: "webhook.disabled"
} as const satisfies Record<EventBody["_tag"], string>

export const EventKind = Schema.Literals(Object.values(names))
export type EventKind = typeof EventKind.Type

export const kindOf = ({ _tag }: Pick<EventBody, "_tag">): EventKind => names[_tag]
