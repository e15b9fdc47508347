import { Element } from "@sheaf/domain/documents/Element"
import { stepDefaults } from "@sheaf/domain/pipelines/checkPipeline"
import { Keywords } from "@sheaf/domain/segments/Segment"
import { Effect, Schema, Stream } from "effect"
import { tidy } from "../../parsing/tidy.ts"
import { type Enriched, failed, type MakeStep } from "../Step.ts"

/** Requests on their way at the same time, of one step of one unit. */
const atOnce = 2

/** How many elements may become of one. */
const maxGrowth = 8

const Elements = Schema.Struct({
  elements: Schema.Array(Schema.Struct({
    ...Element.fields,
    boxes: Element.fields.boxes.pipe(Schema.withDecodingDefaultKey(Effect.succeed([])))
  }))
})

/** A service answers as many elements as it likes, within bounds: fewer, others, or more. */
export const httpElements: MakeStep<"http", Element> = (settings, context) => (elements) =>
  elements.pipe(
    Stream.grouped(settings.batch ?? stepDefaults.batch),
    Stream.mapEffect((batch) =>
      Effect.gen(function*() {
        const answer = yield* context.http.ask(context, settings, { elements: batch }, Elements)
        if (answer.elements.length > batch.length * maxGrowth) {
          return yield* failed(context, `it made ${answer.elements.length} elements of ${batch.length}`)
        }
        const known = new Set(batch.flatMap(({ assets = [] }) => assets.map(({ hash }) => hash)))
        const strange = answer.elements.some(({ assets = [] }) => assets.some(({ hash }) => !known.has(hash)))
        if (strange) return yield* failed(context, "it answered an asset that none of the elements had")
        return answer.elements.flatMap((element) => Array.from(tidy(element)))
      }), { concurrency: atOnce }),
    Stream.flatMap(Stream.fromIterable)
  )

const Segments = Schema.Struct({
  segments: Schema.Array(Schema.Struct({
    text: Schema.optionalKey(Schema.String.check(Schema.isMinLength(1))),
    headingPath: Schema.optionalKey(Schema.Array(Schema.String).check(Schema.isMaxLength(20))),
    keywords: Schema.optionalKey(Keywords)
  }))
})

/** A service answers one for each segment, in their order, with what is to be other than it was. */
export const httpSegments: MakeStep<"http", Enriched> = (settings, context) => (drafts) =>
  drafts.pipe(
    Stream.grouped(settings.batch ?? stepDefaults.batch),
    Stream.mapEffect((batch) =>
      Effect.gen(function*() {
        const segments = batch.map(({ headingPath, keywords = [], text }) => ({ text, headingPath, keywords }))
        const answer = yield* context.http.ask(context, settings, { segments }, Segments)
        if (answer.segments.length !== batch.length) {
          return yield* failed(context, `it answered ${answer.segments.length} segments to ${batch.length}`)
        }
        return batch.map((draft, index): Enriched => ({ ...draft, ...answer.segments[index] }))
      }), { concurrency: atOnce }),
    Stream.flatMap(Stream.fromIterable)
  )
