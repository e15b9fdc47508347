import { Schema } from "effect"
import { DatasetId, SpaceChangeId, SpaceId } from "../ids.ts"

export class SpaceChangeNotFound extends Schema.TaggedError<SpaceChangeNotFound>()("SpaceChangeNotFound", {
  changeId: SpaceChangeId
}) {
  override get message() {
    return `There is no change of space ${this.changeId} that this key may see. ` +
      "List those of a dataset with `sheaf datasets space-changes`."
  }
}

/** The dataset's move is not where this can be done. `changeId` is the change that stands in the way, where there is one. */
export class SpaceChangeConflict extends Schema.TaggedError<SpaceChangeConflict>()("SpaceChangeConflict", {
  datasetId: DatasetId,
  changeId: Schema.optionalKey(SpaceChangeId),
  state: Schema.Literals(["settled", "building", "verifying", "switched", "cancelled", "failed"]),
  action: Schema.String,
  /** What can be done instead. */
  allowed: Schema.Array(Schema.String)
}) {
  override get message() {
    const { action, allowed, changeId, datasetId, state } = this
    const where = state === "settled"
      ? `Dataset ${datasetId} is in that space already`
      : state === "switched" || state === "cancelled"
      ? `The change ${changeId} of dataset ${datasetId} is ${state}, and what it leaves behind may still be removed`
      : `The change ${changeId} of dataset ${datasetId} is ${state}`
    const instead = allowed.length === 0 ? "" : ` It can: ${allowed.join(", ")}.`
    return `${where}: it cannot ${action} now.${instead}`
  }
}

/** No embedder of this server makes vectors of that space. */
export class SpaceNotServed extends Schema.TaggedError<SpaceNotServed>()("SpaceNotServed", {
  spaceId: SpaceId,
  served: Schema.Array(Schema.Struct({ id: SpaceId, model: Schema.String }))
}) {
  override get message() {
    const served = this.served.map(({ id, model }) => `${id} (${model})`).join(", ")
    return `No embedder here makes vectors of space ${this.spaceId}. There are: ${served}.`
  }
}
