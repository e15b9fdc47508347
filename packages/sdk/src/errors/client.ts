import type { Document, DocumentProgress } from "@sheaf/domain/documents/Document"
import type { Scope } from "@sheaf/domain/edge/Caller"
import type { Operation } from "@sheaf/domain/operations/Operation"
import { Data } from "effect"
import { type Explanation, mark } from "./explained.ts"

/** No connection to the server came about, or it was lost and could not be made again. */
export class Unreachable extends Data.TaggedError("Unreachable")<{
  readonly url: string
  readonly reason: string
}> implements Explanation {
  readonly retryable = true
  override get message() {
    return `There is no answer from ${this.url}: ${this.reason}.`
  }
  get hint() {
    return "Is `sheaf serve` running? Check the URL that you pass to `connect`, or SHEAF_URL."
  }
}

/** The server is there, but did not answer in time. Mutations may be sent again: their idempotency key makes that safe. */
export class TimedOut extends Data.TaggedError("TimedOut")<{
  readonly operation: string
  readonly limitMs: number
}> implements Explanation {
  readonly retryable = true
  override get message() {
    return `${this.operation} was not answered within ${this.limitMs} ms.`
  }
  get hint() {
    return "Try again, or allow more time with `timeout`."
  }
}

/** The deadline that the caller gave passed before the document was done. Nothing is wrong: the work goes on. */
export class StillRunning extends Data.TaggedError("StillRunning")<{
  readonly documentId: string
  readonly limitMs: number
  /** The last look at it; `null` when none had come. */
  readonly progress: DocumentProgress | null
}> implements Explanation {
  readonly retryable = true
  override get message() {
    const state = this.progress === null ? "" : ` (${this.progress.waitingFor ?? this.progress.state})`
    return `Document ${this.documentId} is not done after ${this.limitMs} ms${state}.`
  }
  get hint() {
    return "Wait again with `documents.done(id)`: nothing was cancelled."
  }
}

/** The deadline that the caller gave passed before the operation was over. Nothing is wrong: it goes on. */
export class OperationPending extends Data.TaggedError("OperationPending")<{
  readonly operationId: string
  readonly limitMs: number
  /** The last look at it; `null` when none had come. */
  readonly operation: Operation | null
}> implements Explanation {
  readonly retryable = true
  override get message() {
    return `Operation ${this.operationId} is not over after ${this.limitMs} ms.`
  }
  get hint() {
    return "Wait again with `operations.finished(id)`: nothing was cancelled."
  }
}

/** Client and server do not speak the same version of the contract. */
export class VersionSkew extends Data.TaggedError("VersionSkew")<{
  readonly client: number
  /** `null` when the server's answer could not even be read. */
  readonly server: number | null
}> implements Explanation {
  readonly retryable = false
  override get message() {
    return this.server === null
      ? `The server's answer does not fit version ${this.client} of the contract.`
      : `This client speaks version ${this.client} of the contract, the server version ${this.server}.`
  }
  get hint() {
    return this.server !== null && this.server < this.client
      ? "Update the server, or install an older version of this package."
      : "Install a newer version of this package."
  }
}

/** A key that can administer a tenant was about to be used in a browser, where every visitor can read it. */
export class KeyInBrowser extends Data.TaggedError("KeyInBrowser")<{
  readonly scopes: ReadonlyArray<Scope>
}> implements Explanation {
  readonly retryable = false
  override get message() {
    return `A key with the scope ${this.scopes.map((scope) => `"${scope}"`).join(", ")} must not be used in a browser: `
      + "every visitor of the page can read it and do the same."
  }
  get hint() {
    return "Make a key with the scope \"read\" or \"write\" for the page, or pass `allowBrowser: true` where the page is yours alone."
  }
}

/** What should be ingested cannot be read here. */
export class SourceUnreadable extends Data.TaggedError("SourceUnreadable")<{
  readonly source: string
  readonly reason: string
}> implements Explanation {
  readonly retryable = false
  override get message() {
    return `${this.source} cannot be read: ${this.reason}.`
  }
  get hint() {
    return "Pass a path (in Node), a File or Blob, bytes, a stream of bytes, a Response, or { text }."
  }
}

/** No dataset that the key may see has this name. */
export class DatasetNameUnknown extends Data.TaggedError("DatasetNameUnknown")<{
  readonly name: string
}> implements Explanation {
  readonly retryable = false
  override get message() {
    return `There is no dataset named "${this.name}" that this key may see.`
  }
  get hint() {
    return "Make it with `datasets.ensure(name)`, or look at `datasets.list()`."
  }
}

/** The run was cancelled before it was done. A version that was published earlier goes on serving. */
export class DocumentCancelled extends Data.TaggedError("DocumentCancelled")<{
  readonly documentId: Document["id"]
  readonly progress: DocumentProgress
}> implements Explanation {
  readonly retryable = false
  override get message() {
    return `The run of document ${this.documentId} was cancelled.`
  }
  get hint() {
    return "Build it after all with `documents.retry(id)`."
  }
}

/** The client was closed, before this call or during it. */
export class ClientClosed extends Data.TaggedError("ClientClosed")<{}> implements Explanation {
  readonly retryable = false
  override get message() {
    return "This client was closed."
  }
  get hint() {
    return "Make another with `connect()`, and close it only after the last call has answered."
  }
}

/** The classes of errors that arise in this package and not in the server. */
export const clientErrors = {
  Unreachable,
  TimedOut,
  StillRunning,
  OperationPending,
  VersionSkew,
  KeyInBrowser,
  SourceUnreadable,
  DatasetNameUnknown,
  DocumentCancelled,
  ClientClosed
} as const

for (const constructor of Object.values(clientErrors)) mark(constructor)
