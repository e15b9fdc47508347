import { Schema } from "effect"
import { Element } from "../documents/Element.ts"
import { isStorable } from "../text.ts"

// The settings of steps, as they are sent and answered. What their numbers and texts may be is checked by `checkPipeline`, which names step,
// field and range.

const text = Schema.String.check(isStorable)

/** Told apart from the others of its pipeline by it; default: what it does. Asked for where something is kept for a step. */
const name = Schema.optionalKey(text)

/** Every stretch of white space becomes one space, empty lines go, and so does what stands at the ends of lines. Code stays as it is. */
export const WhitespaceStep = Schema.Struct({ step: Schema.Literal("whitespace"), name })

/** Characters that nobody sees go: zero-width spaces, marks of direction and byte order, control, private-use and replacement characters. */
export const ControlCharactersStep = Schema.Struct({ step: Schema.Literal("control-characters"), name })

export const Maskable = Schema.Literals(["urls", "emails", "ip-addresses", "phone-numbers"])
export type Maskable = typeof Maskable.Type

/** Takes addresses out of the text. */
export const MaskStep = Schema.Struct({
  step: Schema.Literal("mask"),
  name,
  what: Schema.Array(Maskable),
  /** `mask` (the default) leaves `with` in their place, `remove` nothing. */
  action: Schema.optionalKey(Schema.Literals(["mask", "remove"])),
  /** Default: what it was, like `[email]`. */
  with: Schema.optionalKey(text)
})

/** Replaces what a regular expression matches. The syntax is that of RE2: no look-around, no back references, linear time. */
export const ReplaceStep = Schema.Struct({
  step: Schema.Literal("replace"),
  name,
  pattern: text,
  /** Default: nothing. `$1`, `$<name>` stand for groups, `$&` for the match, `$$` for a dollar. */
  with: Schema.optionalKey(text),
  ignoreCase: Schema.optionalKey(Schema.Boolean)
})

/** Leaves elements out: those of these kinds, and those whose text the pattern finds. */
export const DropStep = Schema.Struct({
  step: Schema.Literal("drop"),
  name,
  kinds: Schema.optionalKey(Schema.Array(Element.fields.kind)),
  pattern: Schema.optionalKey(text),
  ignoreCase: Schema.optionalKey(Schema.Boolean)
})

/** A service of the user's own, which is sent batches and answers what they become (docs/guide/pipelines.md). */
export const HttpStep = Schema.Struct({
  step: Schema.Literal("http"),
  name: text,
  /** `https://...` or `http://...`, in the public internet or where the operator allows it. */
  url: text,
  /** Elements or segments of one request. Default 50. */
  batch: Schema.optionalKey(Schema.Finite),
  /** Seconds that an answer may take. Default 30. */
  timeoutSeconds: Schema.optionalKey(Schema.Finite),
  /** Signs the requests: `whsec_` and 24 to 64 bytes in base64. Can be set and changed, and never be read again. */
  secret: Schema.optionalKey(Schema.String),
  /** In answers: whether requests are signed. */
  signed: Schema.optionalKey(Schema.Boolean)
})
export type HttpStep = typeof HttpStep.Type

/** Words by which a segment is found that its text uses most, without those that every text uses. */
export const KeywordsStep = Schema.Struct({
  step: Schema.Literal("keywords"),
  name,
  /** Of a segment. Default 5. */
  most: Schema.optionalKey(Schema.Finite)
})

/** Says above each segment where it comes from: as titles above its own, which are embedded and searched with it. */
export const ContextStep = Schema.Struct({
  step: Schema.Literal("context"),
  name,
  /** The document's name. Default false. */
  documentName: Schema.optionalKey(Schema.Boolean),
  /** Values of these fields of its metadata, as `field: value`. */
  metadata: Schema.optionalKey(Schema.Array(text))
})

/** Keeps only the innermost titles above a segment. */
export const HeadingsStep = Schema.Struct({ step: Schema.Literal("headings"), name, most: Schema.Finite })

/** Elements to elements, before a document is cut. */
export const CleanStep = Schema.Union([
  WhitespaceStep,
  ControlCharactersStep,
  MaskStep,
  ReplaceStep,
  DropStep,
  HttpStep
])
export type CleanStep = typeof CleanStep.Type

/** Segments to as many segments, before they are embedded. */
export const EnrichStep = Schema.Union([KeywordsStep, ContextStep, HeadingsStep, HttpStep])
export type EnrichStep = typeof EnrichStep.Type

export type Step = CleanStep | EnrichStep

/** The settings of a step of that kind. */
export type StepOf<Kind extends Step["step"]> = Extract<Step, { readonly step: Kind }>
