import type { ChunkingSettings } from "@sheaf/domain/datasets/Dataset"
import type { Element } from "@sheaf/domain/documents/Element"
import { embeddedText } from "@sheaf/adapters/text/embeddedText"
import type { CountTokens, SegmentDraft } from "@sheaf/adapters/chunking/Chunker"
import { chunk } from "@sheaf/adapters/chunking/chunkers"
import { Effect, Stream } from "effect"
import { median } from "../framework/measure.ts"

/** A segment may have no more tokens than the bundled model's space allows. */
const limits = { maxTokens: 512 }

export const segmentsOf = <E>(
  elements: ReadonlyArray<Element>,
  settings: ChunkingSettings,
  countTokens: CountTokens<E>
) => Stream.runCollect(chunk(Stream.fromIterable(elements), settings, limits, countTokens))

/** CPU of all threads, in milliseconds: tokens are counted by another one. */
const cpu = <A, E, R>(work: Effect.Effect<A, E, R>) =>
  Effect.suspend(() => {
    const before = process.cpuUsage()
    return Effect.map(work, () => {
      const { system, user } = process.cpuUsage(before)
      return (user + system) / 1_000
    })
  })

const repetitions = 5

/** What it costs to cut, tokens counted exactly, over what it costs to count the tokens of the same text once; in turns, the medians. */
export const costRatio = Effect.fnUntraced(
  function*<E>(elements: ReadonlyArray<Element>, settings: ChunkingSettings, countTokens: CountTokens<E>) {
    const texts = elements.map(({ text }) => text)
    const once: Array<number> = []
    const cut: Array<number> = []
    for (let at = 0; at <= repetitions; at++) {
      const counting = yield* cpu(countTokens(texts))
      const cutting = yield* cpu(segmentsOf(elements, settings, countTokens))
      // The first warms up.
      if (at > 0) once.push(counting)
      if (at > 0) cut.push(cutting)
    }
    return { ratio: median(cut) / median(once), onceMs: median(once), cutMs: median(cut) }
  }
)

const inserted: Element = {
  kind: "paragraph",
  text: "This paragraph was put in near the front, after the document had been embedded once.",
  boxes: []
}

/** How many segments have to be embedded again when a paragraph is put in as the third block of a document. */
export const changedBy = Effect.fnUntraced(
  function*<E>(elements: ReadonlyArray<Element>, settings: ChunkingSettings, countTokens: CountTokens<E>) {
    const before = yield* segmentsOf(elements, settings, countTokens)
    const after = yield* segmentsOf(elements.toSpliced(2, 0, inserted), settings, countTokens)
    const known = new Set(before.map(embeddedText))
    const isNew = (draft: SegmentDraft) => !known.has(embeddedText(draft))
    return { changed: after.filter(isNew).length, segments: before.length }
  }
)
