import { Schema } from "effect"
import { DocumentId, Sha256, UploadId } from "../ids.ts"
import { explain, FailureCause } from "./FailureCause.ts"
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

/** Only over plain HTTP, where the bytes are. */
export class AssetNotFound extends Schema.TaggedError<AssetNotFound>()("AssetNotFound", {
  documentId: DocumentId,
  hash: Sha256
}) {
  override get message() {
    return `Document ${this.documentId} has no asset ${this.hash}. List them with \`sheaf documents assets\`.`
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

/** The dataset has a document of this name, and the caller wanted to hear of it. */
export class DocumentNameTaken extends Schema.TaggedError<DocumentNameTaken>()("DocumentNameTaken", {
  documentId: DocumentId,
  name: Schema.String
}) {
  override get message() {
    return `The dataset has a document named ${JSON.stringify(this.name)} already (${this.documentId}). `
      + "Choose another name, or say with ifNameExists what should happen: \"rename\", \"replace\" or \"new\"."
  }
}

/** The bytes are certainly of a kind that nothing here can read. */
export class UnsupportedFormat extends Schema.TaggedError<UnsupportedFormat>()("UnsupportedFormat", {
  detectedType: Schema.String,
  supported: Schema.Array(Schema.String)
}) {
  override get message() {
    return `This is ${this.detectedType}, which cannot be read. Convert it to one of: ${this.supported.join(", ")}.`
  }
}

/** Metadata that the dataset's fields do not allow; every field that does not fit is named. */
export class MetadataInvalid extends Schema.TaggedError<MetadataInvalid>()("MetadataInvalid", {
  problems: Schema.Array(Schema.Struct({ field: Schema.String, problem: Schema.String }))
}) {
  override get message() {
    return `The metadata does not fit the dataset's fields: ${
      this.problems.map(({ field, problem }) => `${JSON.stringify(field)} ${problem}`).join("; ")
    }.`
  }
}

/** Pages of it cannot be shown: it is no PDF, or one that does not give them. `failure` says why. */
export class CannotShow extends Schema.TaggedError<CannotShow>()("CannotShow", {
  documentId: DocumentId,
  failure: FailureCause
}) {
  override get message() {
    return `Pages of document ${this.documentId} cannot be shown: ${
      this.failure._tag === "Unsupported"
        ? `it is ${this.failure.detectedType}, not a PDF.`
        : explain(this.failure).message
    }`
  }
}
