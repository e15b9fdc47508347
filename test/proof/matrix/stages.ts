import { Effect, Exit, Scope } from "effect"
import type { Profile } from "../world/Installation.ts"
import * as Stage from "../world/Stage.ts"

/** Tenants come with every cell, and what goes through all of them takes the longer for each. */
const most = 30

/** Gives a stage to whoever asks, and a new one, empty, to every so many: the one before ends then. */
export const makeStages = Effect.fnUntraced(function*(profile: Profile) {
  const around = yield* Effect.scope
  let scope = yield* Scope.fork(around)
  let stage = yield* Scope.provide(Stage.make(profile), scope)
  let used = 0
  return Effect.gen(function*() {
    if (used++ < most) return stage
    yield* Scope.close(scope, Exit.void)
    scope = yield* Scope.fork(around)
    stage = yield* Scope.provide(Stage.make(profile), scope)
    used = 1
    return stage
  })
})
