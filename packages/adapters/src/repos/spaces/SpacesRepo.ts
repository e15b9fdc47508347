import { type DatasetId, SpaceId, type TenantId } from "@sheaf/domain/ids"
import { Space } from "@sheaf/domain/spaces/Space"
import { Context, Effect, Layer, Option, Schema } from "effect"
import { SqlClient } from "effect/sql"
import { maybeRow } from "../rows.ts"

/** Where vectors and index entries of a dataset belong. Its segments themselves belong to no space. */
export interface DatasetSpaces {
  /** What searches look into. */
  readonly current: Space
  /** What is written: the current one, and the one that is built beside it while the dataset moves. */
  readonly written: ReadonlyArray<Space>
  /** Where entries may be, and must be removed: also in spaces that are about to be cleared. */
  readonly held: ReadonlyArray<Space>
  /** Part of the ids of the dataset's segments, wherever it moves. */
  readonly identity: SpaceId
}

/** Whether index writes go to a change's target: `ch` is the row of a change. */
export const isLive = (sql: SqlClient.SqlClient) =>
  sql`ch.state in ('building', 'verifying') and ch.begun_at is not null`

const Row = Schema.Struct({
  current: Space,
  from: Schema.NullOr(Space),
  to: Schema.NullOr(Space),
  live: Schema.Boolean,
  identity: SpaceId
})

/** Which spaces a dataset is in. */
export class SpacesRepo extends Context.Service<SpacesRepo, {
  /** `None` where there is no such dataset any more. */
  readonly ofDataset: (tenantId: TenantId, datasetId: DatasetId) => Effect.Effect<Option.Option<DatasetSpaces>>
  /**
   * Whether these are all the spaces that are written, now and until the end of the caller's transaction. Whoever marks something as
   * indexed asks first: if not, a move has begun since it looked, and it has to write again.
   */
  readonly areAll: (tenantId: TenantId, datasetId: DatasetId, written: ReadonlyArray<Space>) => Effect.Effect<boolean>
}>()("@sheaf/adapters/repos/spaces/SpacesRepo") {
  static readonly layer = Layer.effect(
    SpacesRepo,
    Effect.gen(function*() {
      const sql = yield* SqlClient.SqlClient

      const found = maybeRow(Row)
      const ofDataset: SpacesRepo["Service"]["ofDataset"] = (tenantId, datasetId) =>
        Effect.map(
          found(sql`select sp.descriptor as current, f.descriptor as "from", t.descriptor as "to",
              coalesce(${isLive(sql)}, false) as live, coalesce(ds.first_space_id, ds.space_id) as identity
            from datasets ds join spaces sp on sp.tenant_id = ds.tenant_id and sp.id = ds.space_id
            left join space_changes ch on ch.dataset_id = ds.id and ch.tenant_id = ds.tenant_id and ch.cleaned_at is null
            left join spaces f on f.tenant_id = ch.tenant_id and f.id = ch.from_space_id
            left join spaces t on t.tenant_id = ch.tenant_id and t.id = ch.to_space_id
            where ds.tenant_id = ${tenantId} and ds.id = ${datasetId}`),
          Option.map(({ current, from, identity, live, to }) => ({
            current,
            written: distinct([current, live ? to : null]),
            held: distinct([current, to, from]),
            identity
          }))
        )

      // A move begins and ends under the lock of its dataset's row, which this one waits for, and keeps others from.
      const held = maybeRow(Schema.Struct({ spaceId: SpaceId }))
      const target = maybeRow(Schema.Struct({ spaceId: SpaceId }))
      const areAll: SpacesRepo["Service"]["areAll"] = Effect.fn("SpacesRepo.areAll")(
        function*(tenantId, datasetId, written) {
          const current = yield* held(sql`select space_id from datasets
            where tenant_id = ${tenantId} and id = ${datasetId} for key share`)
          if (Option.isNone(current)) return true
          const beside = yield* target(sql`select ch.to_space_id as space_id from space_changes ch
            where ch.tenant_id = ${tenantId} and ch.dataset_id = ${datasetId} and ch.cleaned_at is null and ${
            isLive(sql)
          }`)
          const wanted = [current.value.spaceId, ...(Option.isSome(beside) ? [beside.value.spaceId] : [])]
          return wanted.every((id) => written.some((space) => space.id === id))
        }
      )

      return SpacesRepo.of({ ofDataset, areAll })
    })
  )
}

const distinct = (spaces: ReadonlyArray<Space | null>): ReadonlyArray<Space> => [
  ...new Map(spaces.flatMap((space) => space === null ? [] : [[space.id, space] as const])).values()
]
