import { Schema } from "effect"
import { DatasetId } from "../ids.ts"

export class DatasetNotFound extends Schema.TaggedError<DatasetNotFound>()("DatasetNotFound", {
  datasetId: DatasetId
}) {
  override get message() {
    return `There is no dataset ${this.datasetId} that this key may see. List them with \`sheaf datasets list\`.`
  }
}

export class DatasetNameTaken extends Schema.TaggedError<DatasetNameTaken>()("DatasetNameTaken", {
  name: Schema.String,
  datasetId: DatasetId
}) {
  override get message() {
    return `A dataset named "${this.name}" exists already (${this.datasetId}). Use it, or choose another name.`
  }
}
