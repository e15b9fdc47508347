import type { Metadata } from "@sheaf/domain/documents/Metadata"
import type { Condition, Filter } from "@sheaf/domain/search/Filter"

/** By code point, where JavaScript's own order goes by UTF-16 unit. */
const compareText = (a: string, b: string): number => {
  const [left, right] = [[...a], [...b]]
  for (let i = 0; i < Math.min(left.length, right.length); i++) {
    const difference = left[i]!.codePointAt(0)! - right[i]!.codePointAt(0)!
    if (difference !== 0) return difference
  }
  return left.length - right.length
}

const compare = (value: unknown, bound: string | number): number | undefined =>
  typeof value === "number" && typeof bound === "number"
    ? value - bound
    : typeof value === "string" && typeof bound === "string"
    ? compareText(value, bound)
    : undefined

const holds = (condition: Condition, value: unknown): boolean => {
  if ("exists" in condition) return (value !== undefined) === condition.exists
  if (value === undefined) return false
  if ("eq" in condition) return value === condition.eq
  if ("in" in condition) return condition.in.some((item) => item === value)
  if ("contains" in condition) return Array.isArray(value) && value.includes(condition.contains)
  const within = (bound: string | number | undefined, test: (order: number) => boolean) => {
    if (bound === undefined) return true
    const order = compare(value, bound)
    return order !== undefined && test(order)
  }
  return within(condition.gt, (x) => x > 0) && within(condition.gte, (x) => x >= 0) &&
    within(condition.lt, (x) => x < 0) && within(condition.lte, (x) => x <= 0)
}

/** What a filter means, said once more and as simply as can be, to judge the search indexes by. */
export const matches = (filter: Filter, metadata: Metadata): boolean =>
  "and" in filter
    ? filter.and.every((one) => matches(one, metadata))
    : "or" in filter
    ? filter.or.some((one) => matches(one, metadata))
    : "not" in filter
    ? !matches(filter.not, metadata)
    : holds(filter, metadata[filter.field])
