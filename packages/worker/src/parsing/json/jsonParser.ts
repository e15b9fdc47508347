import type { Element } from "@sheaf/domain/documents/Element"
import { streamText } from "../detect/readText.ts"
import type { ParseOutput, Parser } from "../Parser.ts"
import { textElements } from "@sheaf/domain/documents/textElements"
import { arrayItems } from "./arrayItems.ts"
import { isRecord, isScalar, type Json } from "./lines.ts"
import { listsOf, Records } from "./records.ts"

/** Characters of JSON that are read into memory as a whole. Longer ones must be arrays, and are read item by item. */
const maxWhole = 8 * 1_024 * 1_024

/**
 * JSON: arrays of flat objects as tables, everything else as `path: value` lines. What is no JSON though it looks like it (comments,
 * a comma too many) is read as text, with a warning.
 */
export const jsonParser: Parser = {
  inspect: async ({ mediaType }) => ({ mediaType, pages: 0 }),
  parse: async function*({ path }, _range, output) {
    const whole = await readWhole(path)
    if (whole !== null) return yield* wholeElements(whole, output)
    const records = new Records("")
    for await (const item of arrayItems(streamText(path))) yield* records.add(item)
    yield* records.end()
  }
}

/** Null for a text that is longer than `maxWhole`. */
const readWhole = async (path: string): Promise<string | null> => {
  let text = ""
  for await (const part of streamText(path)) {
    text += part
    if (text.length > maxWhole) return null
  }
  return text
}

const wholeElements = function*(text: string, { warn }: ParseOutput): Generator<Element> {
  let value: Json
  try {
    value = JSON.parse(text)
  } catch (error) {
    const detail = error instanceof Error ? error.message.slice(0, 120) : ""
    warn({ page: null, detail: `it is not valid JSON (${detail}): it was read as plain text` })
    for (const { text: block } of textElements(text)) yield { kind: "code", text: block, boxes: [] }
    return
  }
  yield* valueElements(value)
}

/**
 * Arrays of records that an object holds get tables of their own, under their name; the rest of it is lines, which stand before them: below
 * a title everything would seem to belong to it.
 */
const valueElements = function*(value: Json): Generator<Element> {
  if (Array.isArray(value)) return yield* arrayElements(value, "")
  if (!isRecord(value)) return yield* listsOf(value)
  const plain: { [key: string]: Json } = {}
  const arrays: Array<readonly [key: string, items: ReadonlyArray<Json>]> = []
  for (const [key, below] of Object.entries(value)) {
    if (Array.isArray(below) && !below.every(isScalar)) arrays.push([key, below])
    // Assigning `__proto__` would set no key.
    else Object.defineProperty(plain, key, { value: below, enumerable: true })
  }
  yield* listsOf(plain)
  for (const [key, items] of arrays) {
    yield { kind: "title", level: 1, text: key, boxes: [] }
    yield* arrayElements(items, key)
  }
}

const arrayElements = function*(items: ReadonlyArray<Json>, path: string): Generator<Element> {
  const records = new Records(path)
  for (const item of items) yield* records.add(item)
  yield* records.end()
}
