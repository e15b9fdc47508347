import type { CauseTag, DeadLetter, Requeued } from "@sheaf/domain/admin/DeadLettersRpcs"
import type { DocumentId, JobId } from "@sheaf/domain/ids"
import type { JobTag } from "@sheaf/domain/jobs/Job"
import { Effect } from "effect"
import type { Calls } from "../connection/Calls.ts"
import type { CallError } from "../connection/rpc.ts"
import type { CallOptions, DatasetRef, MutationOptions, Page, PageOptions } from "../options.ts"
import type { Feed } from "../streams/Feed.ts"
import { type ByName, type Datasets, pageOf } from "./Datasets.ts"
import { everyItem } from "./pages.ts"

/** Which dead letters: all conditions that are given hold. */
export interface DeadLettersFilter {
  readonly stage?: JobTag | undefined
  readonly cause?: CauseTag | undefined
  readonly dataset?: DatasetRef | undefined
  readonly document?: string | undefined
}

/** The same, and jobs by their ids: at most 50. */
export interface DeadLettersSelection extends DeadLettersFilter {
  readonly jobs?: ReadonlyArray<string> | undefined
}

export interface DeadLettersListOptions extends DeadLettersFilter, PageOptions, CallOptions {}

/** Work that was given up. Needs the scope `admin`. */
export interface DeadLetters {
  /** Those given up last come first. */
  readonly list: (
    options?: DeadLettersListOptions
  ) => Effect.Effect<Page<DeadLetter>, CallError<"DeadLettersList"> | ByName>
  readonly all: (options?: DeadLettersListOptions) => Feed<DeadLetter, CallError<"DeadLettersList"> | ByName>
  /**
   * Begins a new run for the documents of all that fit, at most 50 a call, from what the failed runs left. Where the answer says `more`,
   * call again.
   */
  readonly requeue: (
    which: DeadLettersSelection,
    options?: MutationOptions
  ) => Effect.Effect<typeof Requeued.Type, CallError<"DeadLettersRequeue"> | ByName>
}

export const makeDeadLetters = (calls: Calls, datasets: Datasets): DeadLetters => {
  const filterOf = Effect.fnUntraced(function*({ cause, dataset, document, stage }: DeadLettersFilter) {
    return {
      ...(stage !== undefined && { stage }),
      ...(cause !== undefined && { cause }),
      ...(dataset !== undefined && { datasetId: yield* datasets.idOf(dataset) }),
      ...(document !== undefined && { documentId: document as DocumentId })
    }
  })
  const list: DeadLetters["list"] = ({ cursor, limit, timeout, ...which } = {}) =>
    Effect.flatMap(
      filterOf(which),
      (filter) => calls.query("DeadLettersList", { ...pageOf({ cursor, limit }), ...filter }, { timeout })
    )
  return {
    list,
    all: (options = {}) => everyItem(list, options),
    requeue: ({ jobs, ...which }, options) =>
      Effect.flatMap(filterOf(which), (filter) =>
        calls.mutate(
          "DeadLettersRequeue",
          { ...filter, ...(jobs !== undefined && { jobIds: jobs as ReadonlyArray<JobId> }) },
          options
        ))
  }
}
