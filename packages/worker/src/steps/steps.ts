import { stepName } from "@sheaf/domain/pipelines/checkPipeline"
import type { CleanStep, EnrichStep, Step } from "@sheaf/domain/pipelines/Step"
import type { Element } from "@sheaf/domain/documents/Element"
import { context } from "./context/context.ts"
import { controlCharacters } from "./control-characters/controlCharacters.ts"
import { drop } from "./drop/drop.ts"
import { headings } from "./headings/headings.ts"
import { httpElements, httpSegments } from "./http/http.ts"
import { keywords } from "./keywords/keywords.ts"
import { mask } from "./mask/mask.ts"
import { replace } from "./replace/replace.ts"
import type { Cleaners, Enriched, Enrichers, StepContext, Transform } from "./Step.ts"
import { whitespace } from "./whitespace/whitespace.ts"

/** Every step between parsing and cutting. A kind without a line here does not compile: a new one is its folder and its line. */
const cleaners: Cleaners = {
  whitespace,
  "control-characters": controlCharacters,
  mask,
  replace,
  drop,
  http: httpElements
}

/** Every step between cutting and embedding. */
const enrichers: Enrichers = { keywords, context, headings, http: httpSegments }

type Common = Omit<StepContext, "name">

/** The settings are those of the kind: the table is read by it. */
const made = <A>(
  table: { readonly [kind: string]: (settings: never, context: StepContext) => Transform<A> },
  step: Step,
  stepContext: StepContext
): Transform<A> => table[step.step]!(step as never, stepContext)

const inOrder = <A>(transforms: ReadonlyArray<Transform<A>>): Transform<A> => {
  const [first, ...rest] = transforms
  if (first === undefined) return (items) => items
  const others = inOrder(rest)
  return (items) => others(first(items))
}

/** All of them as one. */
export const cleanWith = (steps: ReadonlyArray<CleanStep>, common: Common): Transform<Element> =>
  inOrder(
    steps.map((step, index) => made<Element>(cleaners, step, { ...common, name: stepName("clean", index, step) }))
  )

export const enrichWith = (steps: ReadonlyArray<EnrichStep>, common: Common): Transform<Enriched> =>
  inOrder(
    steps.map((step, index) => made<Enriched>(enrichers, step, { ...common, name: stepName("enrich", index, step) }))
  )
