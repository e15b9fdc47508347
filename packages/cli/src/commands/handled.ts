import { Effect, Layer } from "effect"
import { Json, Quiet } from "../settings/globals.ts"
import { Output } from "../terminal/Output.ts"
import * as Session from "../session/Session.ts"

/** Where a command writes, as its flags say. */
const output = Layer.unwrap(Effect.gen(function*() {
  return Output.layer({ json: yield* Json, quiet: yield* Quiet })
}))

/** A command that needs no server. */
export const local =
  <Args extends ReadonlyArray<unknown>, A, E, R>(body: (...args: Args) => Effect.Effect<A, E, R>) => (...args: Args) =>
    Effect.provide(body(...args), output)

/** A command that talks to a server: the one that is named, the one that serves the data folder, or one in this process. */
export const remote =
  <Args extends ReadonlyArray<unknown>, A, E, R>(body: (...args: Args) => Effect.Effect<A, E, R>) => (...args: Args) =>
    Effect.provide(body(...args), Layer.provideMerge(Session.layer, output))
