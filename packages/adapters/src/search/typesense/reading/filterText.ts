import type { Condition, Filter } from "@sheaf/domain/search/Filter"
import { existsFact, hasFact, isFact, kindFact } from "../fields/facts.ts"
import { type Interval, intervals, type Side } from "../fields/order.ts"

/** The engine takes 50 clauses; what the adapter adds needs some. */
const mostClauses = 40

/**
 * What the engine is asked to choose by: all that the filter lets through, and more where `isExact` is false. Made of field names, hashes and
 * whole numbers alone.
 */
export interface Choice {
  /** `undefined`: everything. */
  readonly text: string | undefined
  readonly isExact: boolean
}

// A filter with its negations pushed down to the facts.
type Node =
  | { readonly _tag: "Everything" }
  | { readonly _tag: "AnyFact"; readonly facts: ReadonlyArray<string> }
  | { readonly _tag: "NoFact"; readonly facts: ReadonlyArray<string> }
  | { readonly _tag: "Ranks"; readonly intervals: ReadonlyArray<Interval> }
  | { readonly _tag: "All" | "Any"; readonly nodes: ReadonlyArray<Node> }

const everything: Node = { _tag: "Everything" }
const anyFact = (...facts: ReadonlyArray<string>): Node => ({ _tag: "AnyFact", facts })
const noFact = (...facts: ReadonlyArray<string>): Node => ({ _tag: "NoFact", facts })

const bounds = (condition: Extract<Condition, { readonly gt?: unknown }>) =>
  ([["gt", "above"], ["gte", "above"], ["lt", "below"], ["lte", "below"]] as const).flatMap(([name, side]) => {
    const bound = condition[name]
    return bound === undefined ? [] : [{ side, bound }]
  })

const opposite = { above: "below", below: "above" } as const satisfies Record<Side, Side>

const ofCondition = (condition: Condition, negated: boolean): Node => {
  const { field } = condition
  if ("exists" in condition) {
    return condition.exists === negated ? noFact(existsFact(field)) : anyFact(existsFact(field))
  }
  const some = negated ? noFact : anyFact
  if ("eq" in condition) return some(isFact(field, condition.eq))
  if ("in" in condition) return some(...condition.in.map((value) => isFact(field, value)))
  if ("contains" in condition) return some(hasFact(field, condition.contains))
  const ranges = bounds(condition).map(({ bound, side }): Node => {
    if (!negated) return { _tag: "Ranks", intervals: intervals(field, side, bound) }
    const kind = kindFact(field, typeof bound === "string" ? "string" : "number")
    return any([{ _tag: "Ranks", intervals: intervals(field, opposite[side], bound) }, noFact(kind)])
  })
  return negated ? any(ranges) : all(ranges)
}

const ofFilter = (filter: Filter, negated: boolean): Node => {
  if ("not" in filter) return ofFilter(filter.not, !negated)
  if ("and" in filter) {
    const nodes = filter.and.map((one) => ofFilter(one, negated))
    return negated ? any(nodes) : all(nodes)
  }
  if ("or" in filter) {
    const nodes = filter.or.map((one) => ofFilter(one, negated))
    return negated ? all(nodes) : any(nodes)
  }
  return ofCondition(filter, negated)
}

/** Joins, and says in one clause what one clause can say: a list of facts. */
const joined = (tag: "All" | "Any", nodes: ReadonlyArray<Node>): Node => {
  const flat = nodes.flatMap((node) => node._tag === tag ? node.nodes : [node])
  const merging = tag === "All" ? "NoFact" : "AnyFact"
  const facts = flat.flatMap((node) => node._tag === merging ? node.facts : [])
  const rest = flat.filter((node) => node._tag !== merging)
  const merged: ReadonlyArray<Node> = facts.length === 0 ? rest : [{ _tag: merging, facts }, ...rest]
  return merged.length === 1 ? merged[0]! : { _tag: tag, nodes: merged }
}

const any = (nodes: ReadonlyArray<Node>): Node =>
  nodes.some(({ _tag }) => _tag === "Everything") ? everything : joined("Any", nodes)

const all = (nodes: ReadonlyArray<Node>): Node => {
  const rest = nodes.filter(({ _tag }) => _tag !== "Everything")
  return rest.length === 0 ? everything : joined("All", rest)
}

const clauses = (node: Node): number => {
  switch (node._tag) {
    case "Everything":
      return 0
    case "All":
    case "Any":
      return node.nodes.reduce((sum, one) => sum + clauses(one), 0)
    default:
      return 1
  }
}

const isExact = (node: Node): boolean =>
  node._tag === "All" || node._tag === "Any" ? node.nodes.every(isExact) : node._tag !== "Ranks"

/** What fits of a filter that is too long: of conditions that must all be true, the first ones. */
const fitted = (node: Node): Node => {
  if (clauses(node) <= mostClauses) return node
  if (node._tag !== "All") return everything
  const kept: Array<Node> = []
  let left = mostClauses
  for (const one of node.nodes) {
    if (clauses(one) > left) continue
    kept.push(one)
    left -= clauses(one)
  }
  return all(kept)
}

const textOf = (node: Exclude<Node, { readonly _tag: "Everything" }>): string => {
  switch (node._tag) {
    case "AnyFact":
      return `facts:=[${node.facts.join(",")}]`
    case "NoFact":
      return `facts:!=[${node.facts.join(",")}]`
    case "Ranks":
      // No interval at all, as for "less than the empty text": nothing has a negative rank.
      return node.intervals.length === 0
        ? "ranks:[-2..-1]"
        : `ranks:[${node.intervals.map(([from, to]) => `${from}..${to}`).join(",")}]`
    case "All":
    case "Any": {
      const inner = node.nodes.map((one) => one._tag === "Everything" ? "" : textOf(one)).filter((text) => text !== "")
      return `(${inner.join(node._tag === "All" ? " && " : " || ")})`
    }
  }
}

export const choose = (filter: Filter | undefined): Choice => {
  if (filter === undefined) return { text: undefined, isExact: true }
  const whole = ofFilter(filter, false)
  const node = fitted(whole)
  return {
    text: node._tag === "Everything" ? undefined : textOf(node),
    isExact: node === whole && isExact(node)
  }
}
