import { embeddedText } from "../../text/embeddedText.ts"
import { answerDefault, type ChunkingSettings } from "@sheaf/domain/datasets/Dataset"
import type { Element } from "@sheaf/domain/documents/Element"
import { Effect, Stream } from "effect"
import type { Chunker, ChunkLimits, CountTokens, SegmentDraft, Warn } from "../Chunker.ts"
import type { Pair } from "./Pair.ts"
import { TablePairs } from "./TablePairs.ts"
import { TextPairs } from "./TextPairs.ts"

/**
 * Questions and answers: the answer is what is read, the question is what it is found by. Whatever is no pair, or too long, is left out,
 * and said.
 */
export const qa: Chunker<"qa"> = {
  method: "qa",
  chunk: (elements, settings, limits, countTokens, warn) => {
    const end = null
    return Stream.suspend(() => {
      const read = makeReader(settings, warn)
      return elements.pipe(
        Stream.map((element): Element | null => element),
        Stream.concat(Stream.succeed(end)),
        Stream.flatMap((element) => Stream.fromIterable(read(element))),
        Stream.grouped(pairsPerBatch),
        Stream.mapEffect((pairs) => draftsOf(pairs, { settings, limits, countTokens, warn })),
        Stream.flatMap((drafts) => Stream.fromIterable(drafts))
      )
    })
  }
}

type Settings = Extract<ChunkingSettings, { readonly method: "qa" }>

/** Pairs whose tokens are counted at a time. */
const pairsPerBatch = 256

/** An answer with so many units a token is surely too long. */
const unitsPerToken = 64

/** `null` is the end of the document. */
const makeReader = ({ answerColumn, maxTokens = answerDefault, questionColumn }: Settings, warn: Warn) => {
  const tables = new TablePairs({ questionColumn, answerColumn, warn })
  const texts = new TextPairs({ warn, mostUnits: maxTokens * unitsPerToken })
  return (element: Element | null): ReadonlyArray<Pair> => {
    if (element === null) return texts.end()
    if (element.kind === "title") return texts.title(element)
    if (element.rows === undefined) return texts.block(element)
    const rows = tables.read(element, texts.headingPath)
    if (rows !== null) return [...texts.close(), ...rows]
    if (!texts.hasQuestion) {
      warn(
        `a table has no columns of questions and answers, and was left out; it has: ${
          element.rows[0]?.join(", ") ?? ""
        }`
      )
      return []
    }
    return texts.block(element)
  }
}

interface Options<E> {
  readonly settings: Settings
  readonly limits: ChunkLimits
  readonly countTokens: CountTokens<E>
  readonly warn: Warn
}

const draftsOf = Effect.fnUntraced(
  function*<E>(pairs: ReadonlyArray<Pair>, { countTokens, limits, settings, warn }: Options<E>) {
    const answerLimit = settings.maxTokens ?? answerDefault
    const counts = yield* countTokens(
      pairs.flatMap(({ answer, headingPath, question }) => [
        answer,
        question,
        embeddedText({ headingPath, text: question })
      ])
    )
    return pairs.flatMap(({ answer, assets, boxes, headingPath, place, question }, at): ReadonlyArray<SegmentDraft> => {
      const [answerTokens = 0, bare = 0, full = 0] = counts.slice(at * 3, at * 3 + 3)
      const tooLong = answerTokens > answerLimit
        ? `the answer has ${answerTokens} tokens, and may have ${answerLimit}`
        : bare > limits.maxTokens
        ? `the question has ${bare} tokens, and may have ${limits.maxTokens}`
        : null
      if (tooLong !== null) {
        warn(`${place}: ${tooLong}, and was left out`)
        return []
      }
      // Titles that leave no room for the question are not above it.
      const isRoomy = full <= limits.maxTokens
      const path = isRoomy ? headingPath : []
      return [
        { text: answer, headingPath: path, tokens: answerTokens, boxes, assets, family: "parent", key: question },
        { text: question, headingPath: path, tokens: isRoomy ? full : bare, boxes, assets, family: "child" }
      ]
    })
  }
)
