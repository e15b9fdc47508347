import type { PipelineId } from "../ids.ts"
import type { PipelineDefinition } from "../pipelines/Pipeline.ts"
import type { PipelineChoice, PipelineRef } from "../pipelines/PipelineChoice.ts"
import type { CleanStep, EnrichStep } from "../pipelines/Step.ts"
import type { Origin, RunSettings, SettingValue } from "./RunSettings.ts"

/** Who may choose a pipeline. */
export type Chooser = Exclude<Origin, "default" | "pipeline">

/** The pipeline that was chosen, in the version that it has now. Its settings stand just below those of whoever chose it. */
export interface PipelineLevel {
  readonly by: Chooser
  readonly id: PipelineId
  readonly name: string
  readonly version: number
  readonly definition: PipelineDefinition
}

/** What a run goes through besides what everybody does. */
export interface RunPipeline {
  readonly id: PipelineId
  readonly name: string
  readonly version: number
  readonly clean: ReadonlyArray<CleanStep>
  readonly enrich: ReadonlyArray<EnrichStep>
}

interface Choosers {
  readonly dataset: { readonly pipeline?: PipelineRef | null }
  readonly document: RunSettings
  readonly run: RunSettings
}

/** Which pipeline is chosen, and by whom; `null`: none. A `null` of a run takes back what the document has chosen. */
export const choiceOf = (
  { dataset, document, run }: Choosers
): { readonly ref: PipelineRef; readonly by: Chooser } | null => {
  const own = run.pipeline === undefined ? document.pipeline : run.pipeline
  const by: Chooser = run.pipeline === undefined ? "document" : "run"
  if (own === "none") return null
  if (own !== undefined && own !== null) return { ref: own, by }
  return dataset.pipeline === undefined || dataset.pipeline === null ? null : { ref: dataset.pipeline, by: "dataset" }
}

/** What it says of parsing and cutting, as a level of settings. */
export const settingsOf = ({ definition: { chunk, parse } }: PipelineLevel): RunSettings => ({
  ...(chunk !== undefined && { chunking: chunk }),
  ...(parse !== undefined && { parsing: parse })
})

export const runPipelineOf = ({ definition, id, name, version }: PipelineLevel): RunPipeline => ({
  id,
  name,
  version,
  clean: definition.clean ?? [],
  enrich: definition.enrich ?? []
})

/** How the choice is shown among the other settings. */
export const shownChoice = (level: PipelineLevel | undefined, chosenNone: Chooser | null): SettingValue =>
  level === undefined
    ? { name: "pipeline", value: null, origin: chosenNone ?? "default" }
    : { name: "pipeline", value: { id: level.id, name: level.name, version: level.version }, origin: level.by }

/** Who has said that there is none. */
export const noneBy = ({ document, run }: Choosers): Chooser | null => {
  const isNone = (choice: PipelineChoice | null | undefined) => choice === "none"
  if (isNone(run.pipeline)) return "run"
  return run.pipeline === undefined && isNone(document.pipeline) ? "document" : null
}
