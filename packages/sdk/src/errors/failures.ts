import type { DocumentProgress } from "@sheaf/domain/documents/Document"
import { explain, type FailureCause } from "@sheaf/domain/documents/FailureCause"
import { Data } from "effect"
import { type Explanation, mark } from "./explained.ts"

type CauseOf<Tag extends FailureCause["_tag"]> = Extract<FailureCause, { readonly _tag: Tag }>

/**
 * A document could not be built: what `done()` rejects with. One subclass for each cause, and `failure` has the cause as it is
 * stored with the run.
 */
export abstract class DocumentFailed<Failure extends FailureCause = FailureCause> extends Data.Error<{
  readonly progress: DocumentProgress
  readonly failure: FailureCause
}> implements Explanation {
  abstract readonly _tag: string
  declare readonly failure: Failure
  get documentId() {
    return this.progress.documentId
  }
  get runId() {
    return this.progress.runId
  }
  override get message() {
    return explain(this.failure).message
  }
  get hint() {
    return explain(this.failure).hint
  }
  /** The same bytes may succeed later: `documents.retry(id)`. */
  get retryable() {
    return explain(this.failure).retryable
  }
}
mark(DocumentFailed)

export class Corrupt extends DocumentFailed<CauseOf<"Corrupt">> {
  readonly _tag = "Corrupt"
}
export class Encrypted extends DocumentFailed<CauseOf<"Encrypted">> {
  readonly _tag = "Encrypted"
}
export class TooLarge extends DocumentFailed<CauseOf<"TooLarge">> {
  readonly _tag = "TooLarge"
}
export class Unsupported extends DocumentFailed<CauseOf<"Unsupported">> {
  readonly _tag = "Unsupported"
}
export class NoText extends DocumentFailed<CauseOf<"NoText">> {
  readonly _tag = "NoText"
}
export class NoPages extends DocumentFailed<CauseOf<"NoPages">> {
  readonly _tag = "NoPages"
}
export class Empty extends DocumentFailed<CauseOf<"Empty">> {
  readonly _tag = "Empty"
}
export class ParserCrashed extends DocumentFailed<CauseOf<"ParserCrashed">> {
  readonly _tag = "ParserCrashed"
}
export class ParserTimedOut extends DocumentFailed<CauseOf<"ParserTimedOut">> {
  readonly _tag = "ParserTimedOut"
}
export class EmbedderRejected extends DocumentFailed<CauseOf<"EmbedderRejected">> {
  readonly _tag = "EmbedderRejected"
}
export class IndexRefused extends DocumentFailed<CauseOf<"IndexRefused">> {
  readonly _tag = "IndexRefused"
}
export class SourceGone extends DocumentFailed<CauseOf<"SourceGone">> {
  readonly _tag = "SourceGone"
}
export class SourceUnauthorized extends DocumentFailed<CauseOf<"SourceUnauthorized">> {
  readonly _tag = "SourceUnauthorized"
}
export class StepFailed extends DocumentFailed<CauseOf<"StepFailed">> {
  readonly _tag = "StepFailed"
}
/** The cause `QuotaExceeded`, under another name: a call can fail with `QuotaExceeded` too. */
export class OverQuota extends DocumentFailed<CauseOf<"QuotaExceeded">> {
  readonly _tag = "OverQuota"
}
/** The cause `Internal`: our bug, with a reference for the server's log. */
export class InternalFailure extends DocumentFailed<CauseOf<"Internal">> {
  readonly _tag = "InternalFailure"
  get requestId() {
    return this.failure.reference
  }
}

/** The class for each cause. A cause without one does not compile. */
export const failureClasses = {
  Corrupt,
  Encrypted,
  TooLarge,
  Unsupported,
  NoText,
  NoPages,
  Empty,
  ParserCrashed,
  ParserTimedOut,
  EmbedderRejected,
  IndexRefused,
  SourceGone,
  SourceUnauthorized,
  StepFailed,
  QuotaExceeded: OverQuota,
  Internal: InternalFailure
} as const satisfies { readonly [Tag in FailureCause["_tag"]]: unknown }

/** Any of the failures, as a union to switch over. */
export type Failure = InstanceType<(typeof failureClasses)[keyof typeof failureClasses]>

export const failureOf = (progress: DocumentProgress, failure: FailureCause): Failure =>
  new failureClasses[failure._tag]({ progress, failure })
