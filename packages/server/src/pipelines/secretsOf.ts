import type { PipelineDefinition } from "@sheaf/domain/pipelines/Pipeline"
import type { HttpStep, Step } from "@sheaf/domain/pipelines/Step"

type Change = (step: HttpStep) => HttpStep

const changed = <S extends Step>(steps: ReadonlyArray<S> | undefined, change: Change) =>
  // An HTTP step is changed into an HTTP step.
  steps?.map((step) => step.step === "http" ? change(step) as S : step)

const changedIn = ({ clean, enrich, ...rest }: PipelineDefinition, change: Change): PipelineDefinition => ({
  ...rest,
  ...(clean !== undefined && { clean: changed(clean, change)! }),
  ...(enrich !== undefined && { enrich: changed(enrich, change)! })
})

const httpSteps = ({ clean = [], enrich = [] }: PipelineDefinition): ReadonlyArray<HttpStep> =>
  [...clean, ...enrich].filter((step): step is HttpStep => step.step === "http")

/** The secrets that were sent with it, by the names of their steps. */
export const secretsOf = (definition: PipelineDefinition): ReadonlyArray<readonly [step: string, secret: string]> =>
  httpSteps(definition).flatMap(({ name, secret }) => secret === undefined ? [] : [[name, secret] as const])

/** As it is stored. */
export const withoutSecrets = (definition: PipelineDefinition): PipelineDefinition =>
  changedIn(definition, (step) => {
    const { secret: _, signed: __, ...rest } = step
    return rest
  })

/** As it is answered. */
export const withSigned = (definition: PipelineDefinition, signed: ReadonlySet<string>): PipelineDefinition =>
  changedIn(definition, (step) => ({ ...step, signed: signed.has(step.name) }))
