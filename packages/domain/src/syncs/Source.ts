import { Schema } from "effect"
import { Actor } from "../edge/Caller.ts"
import { ConnectionId, DatasetId, SyncSourceId } from "../ids.ts"
import { Timestamp } from "../time.ts"

/** Most pages and databases that can be named for one dataset. */
export const maxRoots = 1_000

/** Id of a page or a database in Notion: 32 hexadecimal digits, with hyphens or without. */
export const ExternalId = Schema.String.check(
  Schema.isPattern(/^[0-9a-fA-F]{8}-?[0-9a-fA-F]{4}-?[0-9a-fA-F]{4}-?[0-9a-fA-F]{4}-?[0-9a-fA-F]{12}$/, {
    expected: "the id of a page or a database in Notion: 32 hexadecimal digits, with hyphens or without"
  })
)
export type ExternalId = typeof ExternalId.Type

/** As Notion's answers have it: lower case, with hyphens. */
export const canonical = (id: string): string =>
  id.toLowerCase().replaceAll("-", "").replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, "$1-$2-$3-$4-$5")

/** Everything that the connection sees, or these pages and databases with what lies in them. */
export const SyncSelection = Schema.Union([
  Schema.Literal("all"),
  Schema.Array(ExternalId).check(Schema.isBetweenLength(1, maxRoots))
])

/** The same, of any number: what was chosen at several times adds up. */
export const Chosen = Schema.Union([Schema.Literal("all"), Schema.Array(Schema.String)])
export type SyncSelection = typeof Chosen.Type

/** What becomes of a document whose page is gone. `archive` and `disable` hide it, and are undone when the page comes back. */
export const OnGone = Schema.Literals(["archive", "disable", "delete"])
export type OnGone = typeof OnGone.Type

/** Minutes between two syncs on a schedule. */
export const EveryMinutes = Schema.Int.check(Schema.isBetween({ minimum: 5, maximum: 43_200 }))

/** Share of the items, from 0 to 1. */
export const Share = Schema.Finite.check(Schema.isBetween({ minimum: 0, maximum: 1 }))

/** What can be said about how a source is followed. */
export const SyncRules = Schema.Struct({
  /** `null`, the default: only when somebody asks. */
  everyMinutes: Schema.NullOr(EveryMinutes),
  /** Default `archive`. */
  onGone: OnGone,
  /** A listing that misses a larger share of the items than this stops the sync until somebody confirms it. Default 0.2. */
  maxMissing: Share
})
export type SyncRules = typeof SyncRules.Type

/** What of a connection a dataset follows. There is one for each connection and dataset. */
export class SyncSource extends Schema.Class<SyncSource>("@sheaf/domain/syncs/Source/SyncSource")({
  id: SyncSourceId,
  connectionId: ConnectionId,
  datasetId: DatasetId,
  selection: Chosen,
  ...SyncRules.fields,
  /** When the schedule begins the next sync. */
  dueAt: Schema.NullOr(Timestamp),
  /** Pages that it follows. */
  items: Schema.Int,
  createdBy: Actor,
  createdAt: Timestamp
}) {}
