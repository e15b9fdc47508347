import { Schema } from "effect"
import { Rpc, RpcGroup } from "effect/rpc"
import { DatasetNotFound } from "../datasets/errors.ts"
import { BadRequest } from "../edge/errors.ts"
import { mutation } from "../edge/mutation.ts"
import { Page, PageFields } from "../edge/page.ts"
import { DatasetId, SpaceChangeId, SpaceId } from "../ids.ts"
import { SpaceChangeConflict, SpaceChangeNotFound, SpaceNotServed } from "./errors.ts"
import { SpaceChange } from "./SpaceChange.ts"

const ofChange = {
  payload: { changeId: SpaceChangeId },
  success: SpaceChange,
  error: Schema.Union([SpaceChangeNotFound, SpaceChangeConflict])
} as const

export class SpaceChangesRpcs extends RpcGroup.make(
  /**
   * Begins to move a dataset to the space of the server's embedder, or of another that it has. The old space serves until the new one is
   * complete and verified.
   */
  mutation("DatasetsChangeSpace", {
    payload: { datasetId: DatasetId, spaceId: Schema.optionalKey(SpaceId) },
    success: SpaceChange,
    error: Schema.Union([DatasetNotFound, SpaceChangeConflict, SpaceNotServed])
  }),
  /** The newest first. */
  Rpc.make("SpaceChangesList", {
    payload: { datasetId: DatasetId, ...PageFields },
    success: Page(SpaceChange),
    error: Schema.Union([DatasetNotFound, BadRequest])
  }),
  Rpc.make("SpaceChangesGet", {
    payload: { changeId: SpaceChangeId },
    success: SpaceChange,
    error: SpaceChangeNotFound
  }),
  /** Stops it within a second, with all that it has done. */
  mutation("SpaceChangesPause", ofChange),
  mutation("SpaceChangesResume", ofChange),
  /** Final: what was built is removed. */
  mutation("SpaceChangesCancel", ofChange),
  /** Begins a failed one again; texts that have been embedded are not embedded again. */
  mutation("SpaceChangesRetry", ofChange)
) {}
