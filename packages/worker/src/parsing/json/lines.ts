import { ParseFailure } from "../Parser.ts"

export type Json = null | boolean | number | string | ReadonlyArray<Json> | { readonly [key: string]: Json }

/** Levels of objects and arrays within each other. */
const maxDepth = 200

export const isScalar = (value: Json): value is null | boolean | number | string =>
  value === null || typeof value !== "object"

export const isRecord = (value: Json): value is { readonly [key: string]: Json } =>
  value !== null && typeof value === "object" && !Array.isArray(value)

/** A value as a reader wants it: text without quotes. */
export const scalarText = (value: Json): string => value === null ? "" : String(value)

/**
 * One `path: value` line for each value below: `address.city: Oslo`, `items[2].name: Pump`. An array of plain values is one line.
 * Throws `TooLarge` for what is nested too deep.
 */
export const linesOf = function*(root: Json, rootPath = ""): Generator<string> {
  const stack: Array<Iterator<readonly [path: string, value: Json]>> = [[[rootPath, root] as const].values()]
  while (stack.length > 0) {
    const next = stack.at(-1)!.next()
    if (next.done === true) {
      stack.pop()
      continue
    }
    const [path, value] = next.value
    if (isScalar(value)) {
      const text = scalarText(value)
      if (text !== "") yield path === "" ? text : `${path}: ${text}`
    } else if (Array.isArray(value) && value.every(isScalar)) {
      const text = value.map(scalarText).filter((item) => item !== "").join(", ")
      if (text !== "") yield path === "" ? text : `${path}: ${text}`
    } else {
      if (stack.length > maxDepth) {
        throw new ParseFailure({ _tag: "TooLarge", what: "levels of nesting", limit: maxDepth, actual: stack.length })
      }
      stack.push(childrenOf(path, value))
    }
  }
}

const childrenOf = function*(path: string, value: Json): Generator<readonly [path: string, value: Json]> {
  if (Array.isArray(value)) {
    for (const [at, item] of value.entries()) yield [`${path}[${at}]`, item]
  } else if (isRecord(value)) {
    for (const key of Object.keys(value)) yield [pathTo(path, key), value[key]!]
  }
}

/** Keys that are words stand behind a dot, others in brackets. */
const pathTo = (path: string, key: string): string => {
  const short = key.length > 200 ? `${key.slice(0, 200)}…` : key
  if (!/^[\p{L}\p{N}_$@ -]+$/u.test(short)) return `${path}[${JSON.stringify(short)}]`
  return path === "" ? short : `${path}.${short}`
}
