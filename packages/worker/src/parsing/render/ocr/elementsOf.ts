import type { Box, Element } from "@sheaf/domain/documents/Element"
import { joinLines } from "../../pdf/text/runText.ts"
import type { Lines, Word } from "./tsv.ts"

/** What is less sure is not text but a guess: specks, drawings, handwriting. */
const floor = 50

/** What was read on a page. */
export interface Reading {
  readonly elements: ReadonlyArray<Element>
  /** Mean over the letters that were taken; 0 without any. */
  readonly confidence: number
  /** Letters that were taken, and all. */
  readonly taken: number
  readonly all: number
}

/** A point of the picture in fractions of the page. */
export type Place = (x: number, y: number) => readonly [number, number]

/** Paragraphs of the lines that are sure enough, with a box for each line. */
export const readingOf = (paragraphs: ReadonlyArray<Lines>, page: number, place: Place): Reading => {
  const elements: Array<Element> = []
  let sum = 0
  let taken = 0
  let all = 0
  for (const lines of paragraphs) {
    let text = ""
    const boxes: Array<Box> = []
    for (const words of lines) {
      const length = lengthOf(words)
      const confidence = confidenceOf(words)
      all += length
      const line = textOf(words)
      if (confidence < floor || !/[\p{L}\p{N}]/u.test(line)) continue
      text = joinLines(text, line)
      boxes.push(boxOf(words, page, place))
      taken += length
      sum += length * confidence
    }
    if (text !== "") elements.push({ kind: "paragraph", text, boxes })
  }
  return { elements, confidence: taken === 0 ? 0 : Math.round(sum / taken), taken, all }
}

const lengthOf = (words: ReadonlyArray<Word>): number => words.reduce((sum, { text }) => sum + text.length, 0)

const confidenceOf = (words: ReadonlyArray<Word>): number =>
  words.reduce((sum, { confidence, text }) => sum + confidence * text.length, 0) / lengthOf(words)

const unspaced = "[\\p{Script=Han}\\p{Script=Hiragana}\\p{Script=Katakana}\\u3000-\\u303f\\uff00-\\uffef]"
const spaceInside = new RegExp(`(?<=${unspaced}) (?=${unspaced})`, "gu")

/** Scripts without spaces come with one between any two letters. */
const textOf = (words: ReadonlyArray<Word>): string => words.map(({ text }) => text).join(" ").replace(spaceInside, "")

const boxOf = (words: ReadonlyArray<Word>, page: number, place: Place): Box => {
  const one = place(Math.min(...words.map(({ x0 }) => x0)), Math.min(...words.map(({ y0 }) => y0)))
  const other = place(Math.max(...words.map(({ x1 }) => x1)), Math.max(...words.map(({ y1 }) => y1)))
  return {
    page,
    x0: Math.min(one[0], other[0]),
    y0: Math.min(one[1], other[1]),
    x1: Math.max(one[0], other[0]),
    y1: Math.max(one[1], other[1])
  }
}
