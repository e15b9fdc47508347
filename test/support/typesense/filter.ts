import type { Collection, Stored } from "./Collection.ts"
import type { Field } from "./fields.ts"
import { Hang, Refusal } from "./Refusal.ts"
import { sameTokens, tokensOf } from "./tokens.ts"

// The part of the filter language that is needed to be true to it: fields of text, numbers and booleans, `id`, `&&`, `||`, parentheses.

export interface Filter {
  readonly test: (stored: Stored) => boolean
  /** Where few documents can pass, these. */
  readonly among?: ReadonlyArray<Stored>
}

/** Clauses and operators together. */
const mostOperations = 100

const unparsed = (detail = "") => new Refusal(400, `Could not parse the filter query${detail}.`)

type Piece = "(" | ")" | "&&" | "||" | { readonly clause: string }

const piecesOf = (text: string): ReadonlyArray<Piece> => {
  const pieces: Array<Piece> = []
  let clause = ""
  let isQuoted = false
  let isList = false
  const end = () => {
    if (clause.trim() !== "") pieces.push({ clause: clause.trim() })
    clause = ""
    isList = false
  }
  for (let i = 0; i < text.length; i++) {
    const character = text[i]!
    const two = text.slice(i, i + 2)
    if (character === "`") isQuoted = !isQuoted
    if (isQuoted || (isList && character !== "]")) clause += character
    else if (two === "&&" || two === "||") {
      end()
      pieces.push(two)
      i++
    } else if (character === "(") {
      if (clause.trim() !== "") throw unparsed()
      pieces.push("(")
    } else if (character === ")") {
      end()
      pieces.push(")")
    } else {
      if (character === "[") isList = true
      if (character === "]") isList = false
      clause += character
    }
  }
  end()
  return pieces
}

export const parseFilter = (text: string, collection: Collection): Filter => {
  const pieces = piecesOf(text)
  if (pieces.length === 0) return { test: () => true }
  if (pieces.filter((piece) => piece !== "(" && piece !== ")").length > mostOperations) {
    throw new Refusal(
      400,
      `\`filter_by\` has too many operations. Maximum allowed: ${mostOperations}. ` +
        "Use `--filter-by-max-ops` command line argument to customize this value."
    )
  }
  const depth = pieces.reduce((open, piece) => {
    const next = open + (piece === "(" ? 1 : piece === ")" ? -1 : 0)
    if (next < 0) throw unparsed(": unbalanced parentheses")
    return next
  }, 0)
  if (depth !== 0) throw unparsed(": unbalanced parentheses")
  let place = 0

  const operand = (operator: string): Filter => {
    const piece = pieces[place++]
    if (piece === "(") {
      const inner = sequence()
      place++
      return inner
    }
    if (typeof piece !== "object") throw unparsed(`: unbalanced \`${operator}\` operands`)
    return clauseFilter(piece.clause, collection)
  }

  /** From left to right: neither operator binds more tightly. */
  const sequence = (): Filter => {
    const first = pieces[place]
    let left = operand(first === "&&" || first === "||" ? first : "&&")
    while (place < pieces.length && pieces[place] !== ")") {
      const operator = pieces[place++]
      if (operator !== "&&" && operator !== "||") throw unparsed()
      left = combine(operator, left, operand(operator))
    }
    return left
  }

  return sequence()
}

const combine = (operator: "&&" | "||", left: Filter, right: Filter): Filter => {
  if (operator === "||") return { test: (stored) => left.test(stored) || right.test(stored) }
  const among = left.among === undefined || (right.among !== undefined && right.among.length < left.among.length)
    ? right.among
    : left.among
  return { test: (stored) => left.test(stored) && right.test(stored), ...(among !== undefined && { among }) }
}

const clauseFilter = (clause: string, collection: Collection): Filter => {
  const colon = clause.indexOf(":")
  if (colon === -1) throw unparsed()
  const name = clause.slice(0, colon).trim()
  const rest = clause.slice(colon + 1).trim()
  if (name === "id") return idFilter(rest, collection)
  const field = collection.fields.get(name)
  if (field === undefined) throw new Refusal(400, `Could not find a filter field named \`${name}\` in the schema.`)
  if (!field.index) throw new Refusal(400, `Cannot filter on non-indexed field \`${name}\`.`)
  if (field.numDim !== undefined) throw new Refusal(400, `Cannot filter on vector field \`${name}\`.`)
  switch (field.type.replace("[]", "")) {
    case "string":
      return textFilter(rest, field, collection)
    case "bool":
      return boolFilter(rest, field)
    case "int32":
    case "int64":
    case "float":
      return numberFilter(rest, field)
    default:
      throw new Refusal(
        400,
        `Error with filter field \`${name}\`: Unidentified field data type, see docs for supported data types.`
      )
  }
}

/** Values of `[a,b]`, or the one; commas inside backticks belong to the value. */
const valuesOf = (text: string): { readonly isList: boolean; readonly values: ReadonlyArray<string> } => {
  if (!text.startsWith("[")) return { isList: false, values: [text] }
  const inner = text.slice(1, text.endsWith("]") ? -1 : undefined)
  const values = [...inner.matchAll(/(?:`[^`]*`?|[^,`])+/g)].map(([value]) => value.trim())
  return { isList: true, values: values.filter((value) => value !== "") }
}

const unquoted = (value: string): string => value.replaceAll("`", "")

const valuesIn = (value: unknown): ReadonlyArray<unknown> =>
  Array.isArray(value) ? value : value === undefined ? [] : [value]

const idFilter = (rest: string, collection: Collection): Filter => {
  const isNegative = rest.startsWith("!=")
  const { values } = valuesOf(rest.replace(/^(!=|=)\s*/, ""))
  const ids = new Set(values.map(unquoted))
  if (ids.has("*")) return { test: () => true }
  if (isNegative) return { test: ({ id }) => !ids.has(id) }
  return { test: ({ id }) => ids.has(id), among: [...ids].flatMap((id) => collection.stored.get(id) ?? []) }
}

const textFilter = (rest: string, { name }: Field, collection: Collection): Filter => {
  const operator = /^(!=|!|=)?\s*/.exec(rest)!
  const { isList, values } = valuesOf(rest.slice(operator[0].length))
  const isWhole = operator[1] === "=" || operator[1] === "!="
  const wanted = values.map((value) => ({
    tokens: tokensOf(value),
    isPrefix: value.endsWith("*") || (isList && unquoted(value).endsWith("*"))
  }))
  if (wanted.some(({ tokens }) => tokens.length === 0)) {
    throw new Refusal(400, `Error with filter field \`${name}\`: Filter value cannot be empty.`)
  }
  const fits = (text: unknown, { isPrefix, tokens }: typeof wanted[number]) => {
    const present = typeof text === "string" ? tokensOf(text) : []
    if (isPrefix) return present.some((token) => token.startsWith(tokens[0]!))
    return isWhole ? sameTokens(present, tokens) : tokens.every((token) => present.includes(token))
  }
  // One word that the field does not have at all decides most documents.
  const sets = wanted.map(({ isPrefix, tokens }) => isPrefix ? undefined : collection.having(name, tokens[0]!))
  const test = ({ document, sequence }: Stored) =>
    wanted.some((one, i) =>
      sets[i]?.has(sequence) !== false && valuesIn(document[name]).some((text) => fits(text, one))
    )
  if (operator[1]?.startsWith("!") === true) return { test: (stored) => !test(stored) }
  if (sets.some((set) => set === undefined)) return { test }
  const among = new Set(sets.flatMap((set) => set === undefined ? [] : Array.from(set)))
  return { test, among: [...among].flatMap((sequence) => collection.bySequence.get(sequence) ?? []) }
}

const boolFilter = (rest: string, { name }: Field): Filter => {
  const operator = /^(!=|=)?\s*/.exec(rest)!
  const { values } = valuesOf(rest.slice(operator[0].length))
  if (values.some((value) => value !== "true" && value !== "false")) {
    throw new Refusal(400, `Value of filter field \`${name}\` must be \`true\` or \`false\`.`)
  }
  const test = ({ document }: Stored) => valuesIn(document[name]).some((value) => values.includes(String(value)))
  return operator[1] === "!=" ? { test: (stored) => !test(stored) } : { test }
}

const numberFilter = (given: string, field: Field): Filter => {
  const rest = given.replace(/^=\s*/, "")
  const isNegative = rest.startsWith("!=")
  const { values } = valuesOf(isNegative ? rest.slice(2).trim() : rest)
  const tests = values.map((value) => numberTest(value, field))
  const test = ({ document }: Stored) =>
    valuesIn(document[field.name]).some((value) => typeof value === "number" && tests.some((one) => one(value)))
  return isNegative ? { test: (stored) => !test(stored) } : { test }
}

const comparisons: Readonly<Record<string, (value: number, bound: number) => boolean>> = {
  "": (value, bound) => value === bound,
  ">": (value, bound) => value > bound,
  ">=": (value, bound) => value >= bound,
  "<": (value, bound) => value < bound,
  "<=": (value, bound) => value <= bound
}

const numberTest = (text: string, field: Field): (value: number) => boolean => {
  if (text.includes("..")) {
    const [from, to] = text.split("..").map((bound) => literal(bound.trim(), field))
    return (value) => value >= from! && value <= to!
  }
  const [, operator = "", rest = ""] = /^(>=|<=|>|<)?\s*(.*)$/s.exec(text)!
  if (operator === "" && !/^[+-]?[\d.]/.test(rest)) {
    throw new Refusal(400, `Error with filter field \`${field.name}\`: Numerical field has an invalid comparator.`)
  }
  const bound = literal(rest, field)
  return (value) => comparisons[operator]!(value, bound)
}

const literal = (text: string, { name, type }: Field): number => {
  const kind = type.replace("[]", "")
  const isNumber = kind === "float" ? /^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i.test(text) : /^[+-]?\d+$/.test(text)
  if (!isNumber) {
    throw new Refusal(400, `Error with filter field \`${name}\`: Not ${kind === "float" ? "a" : "an"} ${kind}.`)
  }
  const value = Number(text)
  if (kind === "int32" && Math.abs(value + 0.5) > 2 ** 31) {
    throw new Refusal(400, `Error with filter field \`${name}\`: \`${text}\` exceeds the range of an int32.`)
  }
  if (kind === "int64" && Math.abs(value) > 2 ** 63) throw new Hang()
  return kind === "float" ? Math.fround(value) : value
}
