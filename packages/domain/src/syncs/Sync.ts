import { Schema } from "effect"
import { Actor } from "../edge/Caller.ts"
import { ConnectionId, DatasetId, SyncId, SyncSourceId } from "../ids.ts"
import { Timestamp } from "../time.ts"
import { ResultName } from "./SyncResult.ts"

/** `listing`: what there is is being looked up; `running`: items have their turn. The others are final. */
export const SyncState = Schema.Literals(["listing", "running", "finished", "failed", "cancelled"])
export type SyncState = typeof SyncState.Type

export const isOver = (state: SyncState): boolean => state !== "listing" && state !== "running"

/** Why a sync ended before its time. What it had done stays done; nothing else has changed. */
export const SyncFailure = Schema.TaggedUnion({
  ConnectionDisabled: {},
  /** The source does not accept the credential any more. */
  ConnectionRevoked: { detail: Schema.String },
  ConnectionGone: {},
  DatasetGone: {},
  /** The listing misses more of the items than the source allows. Nothing was hidden or deleted. */
  MassRemoval: { missing: Schema.Int, items: Schema.Int },
  TooManyItems: { limit: Schema.Int },
  /** The source did not answer for long. */
  Unavailable: { detail: Schema.String },
  /** The source refuses what it is asked. */
  Refused: { detail: Schema.String }
})
export type SyncFailure = typeof SyncFailure.Type

/** Words of others within a sentence. */
const within = (detail: string): string => detail.trim().replace(/\.$/, "")

/** The words for a failure, with what to do. */
export const explainSyncFailure = SyncFailure.match({
  ConnectionDisabled: () => "The connection is disabled. Enable it (`sheaf notion enable ID`), then sync again.",
  ConnectionRevoked: ({ detail }) =>
    `Notion does not accept the connection's token any more (${within(detail)}). Connect it again with a token ` +
    "(`sheaf notion connect --connection ID`), or check it (`sheaf notion check ID`).",
  ConnectionGone: () => "The connection was deleted.",
  DatasetGone: () => "The dataset was deleted.",
  MassRemoval: ({ items, missing }) =>
    `${missing} of ${items} pages are not listed any more. If that is right, sync again and confirm it ` +
    "(`sheaf notion sync --confirm-missing`); if not, share them with the connection again.",
  TooManyItems: ({ limit }) => `There are more than ${limit} pages. Choose fewer, or several datasets.`,
  Unavailable: ({ detail }) => `Notion did not answer for long: ${within(detail)}. Sync again later.`,
  Refused: ({ detail }) => `Notion refuses what it was asked: ${detail}`
})

export const SyncTrigger = Schema.Literals(["import", "asked", "schedule"])
export type SyncTrigger = typeof SyncTrigger.Type

/** One comparison of a dataset with what it follows. Kept for 30 days after it is over. */
export class Sync extends Schema.Class<Sync>("@sheaf/domain/syncs/Sync/Sync")({
  id: SyncId,
  sourceId: SyncSourceId,
  connectionId: ConnectionId,
  datasetId: DatasetId,
  trigger: SyncTrigger,
  /** `items`: some documents alone. */
  scope: Schema.Literals(["all", "items"]),
  state: SyncState,
  cause: Schema.NullOr(SyncFailure),
  /** Items that it is about: all of them once it is `running`. Child pages that it finds on the way come on top. */
  total: Schema.Int,
  /** Items by what became of them; names without any are left out. */
  counts: Schema.Record(ResultName, Schema.optionalKey(Schema.Int)),
  /** Runs that it began and that are not over. */
  building: Schema.Int,
  createdBy: Actor,
  createdAt: Timestamp,
  finishedAt: Schema.NullOr(Timestamp)
}) {}
