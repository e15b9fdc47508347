import type { IngestRejection } from "@sheaf/domain/ingest/IngestVerdict"
import { Data, type Duration } from "effect"

/** The event can never become a document. */
export class Rejected extends Data.TaggedError("Rejected")<{ readonly reason: IngestRejection }> {}

/** Nothing is decided yet: the event must come again. */
export class Undecided extends Data.TaggedError("Undecided")<{
  readonly reason: string
  /** Not the event's own fault: something that others need as well does not answer. */
  readonly isOutage: boolean
  /** When to try again, where that is known. */
  readonly after: Duration.Duration | undefined
}> {}
