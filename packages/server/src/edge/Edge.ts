import { Unavailable } from "@sheaf/domain/edge/errors"
import { Edge } from "@sheaf/domain/edge/middleware"
import { Effect, Layer } from "effect"
import { RpcSchema } from "effect/rpc"
import { measured } from "./metrics.ts"
import { makePatience } from "./patience.ts"
import { scrub } from "./scrub.ts"

/** Longer than any call may wait by itself (`EventsList` waits up to 30 s). */
const patienceSeconds = 60

/** Outermost around every RPC: bounds its time, scrubs its defects, counts it. */
export const layer = Layer.effect(
  Edge,
  Effect.gen(function*() {
    const bounded = yield* makePatience(
      patienceSeconds,
      () => new Unavailable({ dependency: "A part of the server" })
    )
    return Edge.of((effect, { rpc }) => {
      const streams = RpcSchema.isStreamSchema(rpc.successSchema)
      return (streams ? effect : bounded(effect)).pipe(scrub(rpc._tag), measured(rpc._tag, { streams }))
    })
  })
)
