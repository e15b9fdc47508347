import type { NodeServices } from "@effect/platform-node"
import { Effect, type Scope } from "effect"

type Target = { readonly atMost: number } | { readonly atLeast: number }

/** One number that a bench found. */
export interface Figure {
  readonly name: string
  readonly value: number
  readonly unit: string
  /** What it should be; a figure without one is there to read the others by. */
  readonly target?: Target
  readonly note?: string
}

export interface Bench {
  readonly name: string
  /** What it claims, in one line. */
  readonly claim: string
  /** After this it is given up. */
  readonly minutes: number
  readonly run: Effect.Effect<ReadonlyArray<Figure>, never, Scope.Scope | NodeServices.NodeServices>
}

/** A bench judges nothing: whatever fails in it means that the bench is broken, not that a target is missed. */
export const make = <E>(
  bench: Omit<Bench, "run"> & {
    readonly run: Effect.Effect<ReadonlyArray<Figure>, E, Scope.Scope | NodeServices.NodeServices>
  }
): Bench => ({ ...bench, run: Effect.orDie(bench.run) })

/** `null` where there is nothing to meet. */
export const isMet = ({ target, value }: Figure): boolean | null =>
  target === undefined ? null : "atMost" in target ? value <= target.atMost : value >= target.atLeast
