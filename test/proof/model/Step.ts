import * as fc from "fast-check"

// What can be done, as data: a sequence of it can be printed, repeated and made shorter.

const ofDocument = [
  "rename",
  "metadata",
  "retry",
  "cancel",
  "pause",
  "resume",
  "prioritise",
  "enable",
  "disable",
  "archive",
  "unarchive",
  "delete"
] as const

const ofSegment = ["editSegment", "addSegment", "deleteSegment", "disableSegment", "enableSegment"] as const

/** `at` and `segment` choose among those that there are then. */
export type Step =
  | { readonly do: "ingest"; readonly tenant: number; readonly dataset: number; readonly body: number }
  | { readonly do: typeof ofDocument[number]; readonly at: number }
  | { readonly do: typeof ofSegment[number]; readonly at: number; readonly segment: number }
  | { readonly do: "deleteDataset"; readonly tenant: number; readonly dataset: number }
  | { readonly do: "rest" | "crash" }

export const tenants = 2
export const datasets = 2
export const bodies = 3

const small = fc.nat({ max: 11 })
const where = { tenant: fc.nat({ max: tenants - 1 }), dataset: fc.nat({ max: datasets - 1 }) }

const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 6, arbitrary: fc.record({ do: fc.constant("ingest"), body: fc.nat({ max: bodies - 1 }), ...where }) },
  { weight: 14, arbitrary: fc.record({ do: fc.constantFrom(...ofDocument), at: small }) },
  { weight: 9, arbitrary: fc.record({ do: fc.constantFrom(...ofSegment), at: small, segment: small }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant("deleteDataset"), ...where }) },
  { weight: 4, arbitrary: fc.record({ do: fc.constant("rest") }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant("crash") }) }
)

/** Sequences begin with something to work on. */
export const beginning: ReadonlyArray<Step> = [
  { do: "ingest", tenant: 0, dataset: 0, body: 0 },
  { do: "ingest", tenant: 1, dataset: 0, body: 0 }
]

export const sequences: fc.Arbitrary<ReadonlyArray<Step>> = fc.array(step, { minLength: 6, maxLength: 24 })
