import { Schema } from "effect"
import { DatasetId, PipelineId } from "../ids.ts"

export class PipelineNotFound extends Schema.TaggedError<PipelineNotFound>()("PipelineNotFound", {
  pipelineId: PipelineId,
  /** Where the pipeline is there, and this version is not. */
  version: Schema.optionalKey(Schema.Int)
}) {
  override get message() {
    const which = this.version === undefined ? "" : `version ${this.version} of `
    return `There is no ${which}pipeline ${this.pipelineId}. List them with \`sheaf pipelines list\`.`
  }
}

export class PipelineNameTaken extends Schema.TaggedError<PipelineNameTaken>()("PipelineNameTaken", {
  name: Schema.String,
  pipelineId: PipelineId
}) {
  override get message() {
    return `A pipeline named "${this.name}" exists already (${this.pipelineId}). Change that one, or choose another name.`
  }
}

/** What is wrong with a step: `field` is that of its settings. */
export const PipelineProblem = Schema.Struct({
  /** Its place, like `clean[1] replace`. */
  step: Schema.String,
  field: Schema.String,
  problem: Schema.String
})
export type PipelineProblem = typeof PipelineProblem.Type

export class PipelineInvalid extends Schema.TaggedError<PipelineInvalid>()("PipelineInvalid", {
  problems: Schema.Array(PipelineProblem)
}) {
  override get message() {
    const lines = this.problems.map(({ field, problem, step }) => `${step}: \`${field}\` ${problem}`)
    return `The pipeline cannot be: ${lines.join("; ")}.`
  }
}

/** Somebody would be left without it. */
export class PipelineInUse extends Schema.TaggedError<PipelineInUse>()("PipelineInUse", {
  pipelineId: PipelineId,
  /** The first 20, by name, of those that the caller may see. */
  datasets: Schema.Array(Schema.Struct({ id: DatasetId, name: Schema.String })),
  /** Documents that have chosen it themselves. */
  documents: Schema.Int,
  /** Runs that are going through it now. */
  runs: Schema.Int
}) {
  override get message() {
    const parts = [
      ...this.datasets.map(({ name }) => `dataset "${name}"`),
      ...(this.documents > 0 ? [`${this.documents} document${this.documents === 1 ? "" : "s"}`] : []),
      ...(this.runs > 0 ? [`${this.runs} run${this.runs === 1 ? "" : "s"}`] : [])
    ]
    return `Pipeline ${this.pipelineId} is used by ${parts.join(", ") || "others"}. Choose another one there first.`
  }
}
