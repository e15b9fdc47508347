import { Schema } from "effect"
import { DocumentId, SyncId, SyncItemId, SyncSourceId } from "../ids.ts"
import { SyncState } from "./Sync.ts"

export class SyncSourceNotFound extends Schema.TaggedError<SyncSourceNotFound>()("SyncSourceNotFound", {
  sourceId: SyncSourceId
}) {
  override get message() {
    return `There is no source ${this.sourceId} that this key may see. List them with \`sheaf notion sources list\`.`
  }
}

export class SyncNotFound extends Schema.TaggedError<SyncNotFound>()("SyncNotFound", { syncId: SyncId }) {
  override get message() {
    return `There is no sync ${this.syncId} that this key may see. List them with \`sheaf notion syncs list\`.`
  }
}

export class SyncItemNotFound extends Schema.TaggedError<SyncItemNotFound>()("SyncItemNotFound", {
  itemId: SyncItemId
}) {
  override get message() {
    return `There is no item ${this.itemId} that this key may see. List them with \`sheaf notion items list\`.`
  }
}

/** The document is there, and follows nothing. */
export class NotSynced extends Schema.TaggedError<NotSynced>()("NotSynced", { documentId: DocumentId }) {
  override get message() {
    return `Document ${this.documentId} follows no page of this source. Import it with \`sheaf notion import\`.`
  }
}

/** It has ended: there is nothing left to cancel. */
export class SyncOver extends Schema.TaggedError<SyncOver>()("SyncOver", { syncId: SyncId, state: SyncState }) {
  override get message() {
    return `Sync ${this.syncId} is ${this.state}: it cannot be cancelled any more.`
  }
}
