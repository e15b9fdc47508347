import type { Condition, Filter } from "@sheaf/domain/search/Filter"
import type { Fields } from "../fields/facts.ts"

/** By code point, where JavaScript's own order goes by UTF-16 unit. */
const compareTexts = (a: string, b: string): number => {
  const [left, right] = [a[Symbol.iterator](), b[Symbol.iterator]()]
  for (;;) {
    const [x, y] = [left.next(), right.next()]
    if (x.done === true || y.done === true) return (y.done === true ? 1 : 0) - (x.done === true ? 1 : 0)
    if (x.value !== y.value) return x.value.codePointAt(0)! - y.value.codePointAt(0)!
  }
}

/** Whether the value is on the right side of a bound of its own kind. */
const compares = (
  value: unknown,
  bound: string | number | undefined,
  isRight: (order: number) => boolean
): boolean => {
  if (bound === undefined) return true
  if (typeof value === "number" && typeof bound === "number") return isRight(value < bound ? -1 : value > bound ? 1 : 0)
  return typeof value === "string" && typeof bound === "string" && isRight(compareTexts(value, bound))
}

const isTrue = (condition: Condition, value: Fields[string] | undefined): boolean => {
  if ("exists" in condition) return (value !== undefined) === condition.exists
  if (value === undefined) return false
  if ("eq" in condition) return value === condition.eq
  if ("in" in condition) return typeof value !== "object" && condition.in.includes(value)
  if ("contains" in condition) return typeof value === "object" && value.some((item) => item === condition.contains)
  return compares(value, condition.gt, (order) => order > 0) && compares(value, condition.gte, (order) => order >= 0) &&
    compares(value, condition.lt, (order) => order < 0) && compares(value, condition.lte, (order) => order <= 0)
}

/** What a filter means, for documents that the engine can only roughly choose. */
export const holds = (filter: Filter, fields: Fields): boolean => {
  if ("and" in filter) return filter.and.every((one) => holds(one, fields))
  if ("or" in filter) return filter.or.some((one) => holds(one, fields))
  if ("not" in filter) return !holds(filter.not, fields)
  return isTrue(filter, Object.hasOwn(fields, filter.field) ? fields[filter.field] : undefined)
}
