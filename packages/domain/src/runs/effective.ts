import { Result } from "effect"
import {
  answerDefault,
  chunkingRanges,
  type ChunkingSettings,
  chunkingShares,
  familyDefaults
} from "../datasets/Dataset.ts"
import { limits } from "../limits.ts"
import type { PipelineRef } from "../pipelines/PipelineChoice.ts"
import {
  noneBy,
  type PipelineLevel,
  type RunPipeline,
  runPipelineOf,
  settingsOf,
  shownChoice
} from "./pipelineLevel.ts"
import {
  maxRanges,
  type Origin,
  type PageRange,
  type ParsingSettings,
  type RunSettings,
  type SettingValue
} from "./RunSettings.ts"

/** What each level says. Each is laid over the one before it, value by value. */
export interface Levels {
  readonly dataset: {
    readonly chunking: ChunkingSettings
    readonly parsing: ParsingSettings
    readonly pipeline?: PipelineRef | null
  }
  /** What `choiceOf` of the others names, as it is now. */
  readonly pipeline?: PipelineLevel | undefined
  readonly document: RunSettings
  readonly run: RunSettings
}

export interface Effective {
  readonly chunking: ChunkingSettings
  readonly parsing: ParsingSettings
  readonly pipeline?: RunPipeline
  /** Each of them, and who decided it. */
  readonly values: ReadonlyArray<SettingValue>
}

type Method = ChunkingSettings["method"]

const columnNames = ["questionColumn", "answerColumn"] as const
type Values = Readonly<Record<string, unknown>>

const sizes = Object.keys(chunkingRanges) as ReadonlyArray<keyof typeof chunkingRanges>

/** What a method has besides its name. A method without a line here does not compile. */
export const chunkingFields: { readonly [M in Method]: ReadonlyArray<string> } = {
  general: ["unit", "maxTokens", "softMaxTokens", "combineUnder", "overlap"],
  "parent-child": ["maxTokens", "parentMaxTokens"],
  qa: ["maxTokens", ...columnNames],
  table: ["columns"],
  page: ["maxTokens"],
  whole: []
}

/** What stands where nobody says anything; the shares are those of the longest segment. */
const defaultsOf: { readonly [M in Method]: (given: Values) => Values } = {
  general: ({ maxTokens = 512, unit = "tokens" }) => ({
    unit,
    maxTokens,
    softMaxTokens: Math.floor(
      Number(maxTokens) * chunkingShares.softMaxTokens[unit === "characters" ? "characters" : "tokens"]
    ),
    combineUnder: Math.floor(Number(maxTokens) * chunkingShares.combineUnder),
    overlap: 0
  }),
  "parent-child": () => familyDefaults,
  qa: () => ({ maxTokens: answerDefault, questionColumn: null, answerColumn: null }),
  table: () => ({ columns: [] }),
  page: () => ({ maxTokens: null }),
  whole: () => ({})
}

interface Laid {
  readonly origins: Map<string, Origin>
  readonly values: Map<string, unknown>
}

/** What a value goes back to that is taken back. */
interface Base {
  readonly method: Method
  readonly decided: Origin
  readonly chunking: Laid
  readonly parsing: Laid
}

const copyOf = ({ origins, values }: Laid): Laid => ({ origins: new Map(origins), values: new Map(values) })

const laidOut = (values: Values): Laid => {
  const laid: Laid = { origins: new Map(), values: new Map() }
  lay(laid, laid, values, "dataset")
  return laid
}

/** `null` gives the decision back to the levels below all that is laid by hand: the dataset's, and that of a pipeline. */
const lay = (onto: Laid, base: Laid, values: Values, origin: Origin) => {
  for (const [name, value] of Object.entries(values)) {
    if (value === undefined) continue
    const goesBack = value === null
    const next = goesBack ? base.values.get(name) : value
    if (next === undefined) {
      onto.values.delete(name)
      onto.origins.delete(name)
    } else {
      onto.values.set(name, next)
      onto.origins.set(name, goesBack ? base.origins.get(name) ?? "dataset" : origin)
    }
  }
}

/** Puts the levels together. A value that cannot be is a failure that names it, with what it may be. */
export const effective = (levels: Levels): Result.Result<Effective, string> => {
  const { dataset, pipeline } = levels
  const { method: own, ...sizes } = dataset.chunking
  let method: Method = own
  let decided: Origin = "dataset"
  let chunking = laidOut(sizes)
  const parsing = laidOut(dataset.parsing)
  let base: Base = { method, decided, chunking: copyOf(chunking), parsing: copyOf(parsing) }
  for (const [origin, settings] of ownOf(levels)) {
    const { method: wanted, ...values } = settings.chunking ?? {}
    const next = wanted === null ? base.method : wanted ?? method
    if (wanted !== undefined) decided = wanted === null ? base.decided : origin
    if (next !== method) {
      method = next
      chunking = method === base.method ? copyOf(base.chunking) : laidOut({})
    }
    const known = Object.entries(values).filter(([name]) => chunkingFields[method].includes(name))
    const unfit = Object.entries(values).find(([name, value]) =>
      value !== null && !chunkingFields[method].includes(name)
    )
    // What a document was given may mean nothing any more since its dataset has another method.
    if (unfit !== undefined && origin === "run") {
      return Result.fail(`settings.chunking.${unfit[0]} means nothing to the method "${method}"`)
    }
    lay(chunking, method === base.method ? base.chunking : laidOut({}), Object.fromEntries(known), origin)
    lay(parsing, base.parsing, settings.parsing ?? {}, origin)
    if (origin === "pipeline") base = { method, decided, chunking: copyOf(chunking), parsing: copyOf(parsing) }
  }
  const problem = problemIn(chunking.values) ?? problemInPages(parsing.values.get("pages"))
  if (problem !== null) return Result.fail(problem)
  const pages = parsing.values.get("pages") as ReadonlyArray<PageRange> | undefined
  if (pages !== undefined) parsing.values.set("pages", merged(pages))
  const given = Object.fromEntries(chunking.values)
  return Result.succeed({
    // Checked above, field by field.
    chunking: { method, ...given } as ChunkingSettings,
    parsing: Object.fromEntries(parsing.values) as ParsingSettings,
    ...(pipeline !== undefined && { pipeline: runPipelineOf(pipeline) }),
    values: [
      { name: "chunking.method", value: method, origin: decided },
      ...listed("chunking", { ...defaultsOf[method](given), ...given }, chunking.origins),
      shownChoice(pipeline, noneBy(levels)),
      ...listed("parsing", { ...parsingDefaults, ...Object.fromEntries(parsing.values) }, parsing.origins)
    ]
  })
}

/** What stands where nobody says anything of parsing. */
const parsingDefaults = { markup: null, pages: null, tablePictures: true }

/** What is laid over the dataset's, from the bottom. */
const ownOf = ({ document, pipeline, run }: Levels): ReadonlyArray<readonly [Origin, RunSettings]> => {
  const own: Array<readonly [Origin, RunSettings]> = [["document", document], ["run", run]]
  if (pipeline !== undefined) own.splice(pipeline.by === "run" ? 1 : 0, 0, ["pipeline", settingsOf(pipeline)])
  return own
}

const listed = (area: string, values: Values, origins: ReadonlyMap<string, Origin>): ReadonlyArray<SettingValue> =>
  Object.entries(values).map(([name, value]) => ({
    name: `${area}.${name}`,
    value: value as SettingValue["value"],
    origin: origins.get(name) ?? "default"
  }))

const problemIn = (values: ReadonlyMap<string, unknown>): string | null => {
  for (const name of sizes) {
    const value = values.get(name)
    const { maximum, minimum } = chunkingRanges[name]
    if (value !== undefined && !isWhole(value, minimum, maximum)) {
      return `settings.chunking.${name} is a whole number from ${minimum} to ${maximum}, and not ${String(value)}`
    }
  }
  for (const name of columnNames) {
    const value = values.get(name)
    if (value !== undefined && (typeof value !== "string" || value.length === 0 || value.length > 200)) {
      return `settings.chunking.${name} is the name of a column, of 1 to 200 characters`
    }
  }
  return null
}

const problemInPages = (value: unknown): string | null => {
  if (value === undefined) return null
  const ranges = value as ReadonlyArray<PageRange>
  if (ranges.length === 0 || ranges.length > maxRanges) {
    return `settings.parsing.pages has from 1 to ${maxRanges} ranges, and not ${ranges.length}`
  }
  const wrong = ranges.findIndex(({ first, last }) =>
    !isWhole(first, 1, limits.maxPages) || !isWhole(last, first, limits.maxPages)
  )
  return wrong === -1 ? null : `settings.parsing.pages[${wrong}] goes from a \`first\` of at least 1 to a \`last\` `
    + `of at most ${limits.maxPages} that is not smaller`
}

const isWhole = (value: unknown, minimum: number, maximum: number): boolean =>
  Number.isInteger(value) && Number(value) >= minimum && Number(value) <= maximum

/** In order, and no page twice. */
const merged = (ranges: ReadonlyArray<PageRange>): ReadonlyArray<PageRange> => {
  const result: Array<PageRange> = []
  for (const range of [...ranges].sort((a, b) => a.first - b.first)) {
    const last = result.at(-1)
    if (last !== undefined && range.first <= last.last + 1) {
      result[result.length - 1] = { first: last.first, last: Math.max(last.last, range.last) }
    } else {
      result.push({ first: range.first, last: range.last })
    }
  }
  return result
}

/** What a document has of its own after more was given; what was taken back is gone, and so are sizes of a method that is left. */
export const mergeSettings = (kept: RunSettings, given: RunSettings, datasetMethod: Method): RunSettings => {
  const wanted = given.chunking?.method
  const before = kept.chunking?.method ?? datasetMethod
  const after = wanted === undefined ? before : wanted ?? datasetMethod
  const chunking = mergeArea(before === after ? kept.chunking : undefined, given.chunking)
  const parsing = mergeArea(kept.parsing, given.parsing)
  const pipeline = given.pipeline === undefined ? kept.pipeline : given.pipeline
  return {
    ...(chunking !== undefined && { chunking }),
    ...(parsing !== undefined && { parsing }),
    ...(pipeline !== undefined && pipeline !== null && { pipeline })
  }
}

const mergeArea = <Area extends object>(kept: Area | undefined, given: Area | undefined): Area | undefined => {
  const entries = Object.entries({ ...kept, ...given }).filter(([, value]) => value !== null && value !== undefined)
  return entries.length === 0 ? undefined : Object.fromEntries(entries) as Area
}
