import { Schema } from "effect"
import { DocumentId, UploadId } from "../ids.ts"
import { DocumentStatus } from "./status.ts"

export class DocumentNotFound extends Schema.TaggedError<DocumentNotFound>()("DocumentNotFound", {
  documentId: DocumentId
}) {
  override get message() {
    return `There is no document ${this.documentId} that this key may see. List them with \`sheaf documents list\`.`
  }
}

/** Only with the policy `reject`: the dataset holds the same content already. */
export class DocumentExists extends Schema.TaggedError<DocumentExists>()("DocumentExists", {
  documentId: DocumentId
}) {
  override get message() {
    return `The dataset already holds this content as document ${this.documentId}. Send ifSame "reuse" to get that one, or "new" for a second copy.`
  }
}

/** The action does not fit what the document is doing. */
export class StateConflict extends Schema.TaggedError<StateConflict>()("StateConflict", {
  documentId: DocumentId,
  status: DocumentStatus,
  action: Schema.String,
  /** What can be done with its runs instead, in the words of the operations. */
  allowed: Schema.optionalKey(Schema.Array(Schema.String))
}) {
  override get message() {
    const { action, allowed = [], documentId, status } = this
    const instead = allowed.length === 0 ? "" : ` It can be given: ${allowed.join(", ")}.`
    return `Document ${documentId} is ${status}: it cannot ${action} now.${instead}`
  }
}

export class UploadNotFound extends Schema.TaggedError<UploadNotFound>()("UploadNotFound", { uploadId: UploadId }) {
  override get message() {
    return `There is no upload ${this.uploadId}: it is finished or has expired. Start a new one.`
  }
}

/** Bytes must be sent from where the server stands; `offset` says where that is. */
export class UploadOffsetMismatch extends Schema.TaggedError<UploadOffsetMismatch>()("UploadOffsetMismatch", {
  uploadId: UploadId,
  offset: Schema.Finite
}) {
  override get message() {
    return `The upload stands at byte ${this.offset}: go on from there.`
  }
}

export class UploadTooLarge extends Schema.TaggedError<UploadTooLarge>()("UploadTooLarge", { limit: Schema.Finite }) {
  override get message() {
    return `The file is larger than the limit of ${this.limit} bytes. Split it, or ask your operator for a higher limit.`
  }
}

export class HashMismatch extends Schema.TaggedError<HashMismatch>()("HashMismatch", {
  expected: Schema.String,
  actual: Schema.String
}) {
  override get message() {
    return `The bytes received have the SHA-256 ${this.actual}, not the announced ${this.expected}. Send the file again.`
  }
}
