import { Result } from "effect"
import { effective } from "../runs/effective.ts"
import type { PipelineProblem } from "./errors.ts"
import { maxSteps, type PipelineDefinition } from "./Pipeline.ts"
import type { HttpStep, Step, StepOf } from "./Step.ts"

/** What the settings of steps may be. */
export const stepRanges = {
  batch: { minimum: 1, maximum: 200 },
  timeoutSeconds: { minimum: 1, maximum: 120 },
  /** Words. */
  keywords: { minimum: 1, maximum: 10 },
  /** Titles. */
  headings: { minimum: 0, maximum: 20 },
  /** Fields. */
  metadata: { minimum: 1, maximum: 10 }
} as const

/** Characters. */
export const longest = { name: 64, pattern: 1_000, with: 200, url: 2_048 } as const

/** What is used where nothing is said. */
export const stepDefaults = { batch: 50, timeoutSeconds: 30, keywords: 5 } as const

/** Says what is wrong with a regular expression, or nothing. Injected, for the engine is no part of the contract. */
export type CheckPattern = (pattern: string) => string | null

type Complain = (field: string, problem: string) => void

const inRange = (complain: Complain, field: string, value: number | undefined, range: keyof typeof stepRanges) => {
  const { maximum, minimum } = stepRanges[range]
  if (value === undefined || Number.isInteger(value) && value >= minimum && value <= maximum) return
  complain(field, `is a whole number from ${minimum} to ${maximum}, and not ${value}`)
}

const inLength = (complain: Complain, field: keyof typeof longest, value: string | undefined, least = 0) => {
  if (value === undefined || value.length >= least && value.length <= longest[field]) return
  complain(field, `has from ${least} to ${longest[field]} characters, and not ${value.length}`)
}

const patternOf = (complain: Complain, pattern: string | undefined, check: CheckPattern) => {
  if (pattern === undefined) return
  inLength(complain, "pattern", pattern, 1)
  const problem = pattern.length > longest.pattern ? null : check(pattern)
  if (problem !== null) complain("pattern", problem)
}

/** `whsec_` and 24 to 64 bytes in base64 (Standard Webhooks, "Signature scheme"). */
const secretForm = /^whsec_[A-Za-z0-9+/]{32,88}={0,2}$/

const http = (complain: Complain, step: HttpStep) => {
  inLength(complain, "name", step.name, 1)
  inLength(complain, "url", step.url, 1)
  const url = URL.parse(step.url)
  if (url === null || !/^https?:$/.test(url.protocol)) {
    complain("url", "is an address that begins with https:// or http://")
  } else if (url.username !== "" || url.password !== "") complain("url", "holds no user name or password")
  inRange(complain, "batch", step.batch, "batch")
  inRange(complain, "timeoutSeconds", step.timeoutSeconds, "timeoutSeconds")
  if (step.secret !== undefined && !secretForm.test(step.secret)) {
    complain("secret", "is `whsec_` and 24 to 64 random bytes in base64")
  }
}

/** What is wrong with the settings of a step, by its kind. A step without a line here does not compile. */
const checks: {
  readonly [Kind in Step["step"]]: (complain: Complain, step: StepOf<Kind>, check: CheckPattern) => void
} = {
  whitespace: () => {},
  "control-characters": () => {},
  mask: (complain, { action, what, with: text }) => {
    if (what.length === 0) complain("what", "names at least one thing to take out")
    if (action === "remove" && text !== undefined) complain("with", "means nothing where things are removed")
    inLength(complain, "with", text)
  },
  replace: (complain, { pattern, with: text }, check) => {
    patternOf(complain, pattern, check)
    inLength(complain, "with", text)
  },
  drop: (complain, { kinds, pattern }, check) => {
    if ((kinds === undefined || kinds.length === 0) && pattern === undefined) {
      complain("kinds", "or `pattern` says what is left out")
    }
    patternOf(complain, pattern, check)
  },
  http,
  keywords: (complain, { most }) => inRange(complain, "most", most, "keywords"),
  context: (complain, { documentName, metadata }) => {
    if (documentName !== true && metadata === undefined) {
      complain("metadata", "or `documentName` says what stands above")
    }
    inRange(complain, "metadata", metadata?.length, "metadata")
  },
  headings: (complain, { most }) => inRange(complain, "most", most, "headings")
}

/** The settings are those of the kind: the table above is read by it. */
const checkStep = (complain: Complain, step: Step, check: CheckPattern) =>
  (checks[step.step] as (complain: Complain, step: Step, check: CheckPattern) => void)(complain, step, check)

/** What a step is called in what is said about it. */
export const stepName = (place: "clean" | "enrich", index: number, { name, step }: Step): string =>
  name ?? `${place}[${index}] ${step}`

/** Sizes and pages are checked as those of a run are. */
const checkStages = ({ chunk, parse }: PipelineDefinition): ReadonlyArray<PipelineProblem> => {
  const run = { ...(chunk !== undefined && { chunking: chunk }), ...(parse !== undefined && { parsing: parse }) }
  const together = effective({ dataset: { chunking: { method: "general" }, parsing: {} }, document: {}, run })
  if (Result.isSuccess(together)) return []
  const [, area, field = "", problem = ""] = /^settings\.(chunking|parsing)\.(\S+) (.*)$/s.exec(together.failure) ?? []
  return [{ step: area === "chunking" ? "chunk" : "parse", field, problem: problem || together.failure }]
}

/** All that is wrong with a pipeline: each with its step, its field, and what that may be. */
export const checkPipeline = (definition: PipelineDefinition, check: CheckPattern): ReadonlyArray<PipelineProblem> => {
  const problems: Array<PipelineProblem> = [...checkStages(definition)]
  const names = new Set<string>()
  for (const place of ["clean", "enrich"] as const) {
    const steps: ReadonlyArray<Step> = definition[place] ?? []
    if (steps.length > maxSteps) {
      problems.push({ step: place, field: "length", problem: `is at most ${maxSteps}, and not ${steps.length}` })
      continue
    }
    for (const [index, step] of steps.entries()) {
      const complain: Complain = (field, problem) =>
        problems.push({ step: `${place}[${index}] ${step.step}`, field, problem })
      checkStep(complain, step, check)
      if (step.step !== "http") inLength(complain, "name", step.name, 1)
      if (step.name !== undefined && names.has(step.name)) complain("name", "is that of another step as well")
      if (step.name !== undefined) names.add(step.name)
    }
  }
  return problems
}
