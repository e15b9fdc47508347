import { Effect, type Scope } from "effect"
import { type Actor, actorOf, makeTenant } from "./Actor.ts"
import * as Installation from "./Installation.ts"
import * as Life from "./Life.ts"

/** An installation and the life that serves it now. */
export interface Stage {
  readonly installation: Installation.Installation
  life: Life.Life
}

/** Begins the next life in place of one that has ended. */
export const restart = Effect.fnUntraced(function*(stage: Stage) {
  const dead = stage.life
  stage.life = yield* Life.begin(stage.installation, { alone: true })
  return dead
})

export const make = Effect.fn("proof.stage")(
  function*(
    profile: Installation.Profile,
    options: Life.LifeOptions = { alone: true },
    folder?: string
  ): Effect.fn.Return<Stage, never, Scope.Scope> {
    const installation = yield* Installation.make(profile, folder)
    const stage: Stage = { installation, life: yield* Life.begin(installation, options) }
    yield* Effect.addFinalizer(() => stage.life.bury)
    return stage
  }
)

/** A new tenant of the installation, served by whichever life there is. */
export const newActor = Effect.fnUntraced(function*(stage: Stage): Effect.fn.Return<() => Actor> {
  const tenant = yield* stage.life.inside(makeTenant)
  return () => actorOf(stage, tenant)
})
