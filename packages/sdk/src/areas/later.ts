import { Effect } from "effect"
import type { Unreachable } from "../errors/client.ts"
import type { Feed } from "../streams/Feed.ts"

type Operation = (...args: ReadonlyArray<unknown>) => Effect.Effect<unknown, Unreachable>
type Opening = (...args: ReadonlyArray<unknown>) => Feed<unknown, Unreachable>

/**
 * Operations of an area before it is there: each loads it, and goes on as the one of the same name. Feeds are named apart: opening one
 * cannot fail, so what was not loaded is told to whoever reads. Every operation can fail with `Unreachable` as it is.
 */
export const later = <Area extends object, Called extends keyof Area, Read extends keyof Area = never>(
  area: Effect.Effect<Area, Unreachable>,
  called: ReadonlyArray<Called>,
  read: ReadonlyArray<Read> = []
): Pick<Area, Called | Read> => {
  const call = (name: Called): Operation => (...args) =>
    Effect.flatMap(area, (area) => (area[name] as Operation)(...args))
  const open = (name: Read): Opening => (...args) =>
    Effect.matchEffect(area, {
      onFailure: (error) => Effect.succeed(Effect.fail(error)),
      onSuccess: (area) => (area[name] as Opening)(...args)
    })
  return Object.fromEntries([
    ...called.map((name) => [name, call(name)]),
    ...read.map((name) => [name, open(name)])
  ])
}
