import { Unavailable } from "@sheaf/domain/edge/errors"
import { Edge } from "@sheaf/domain/edge/middleware"
import { Effect, Layer } from "effect"
import { RpcSchema } from "effect/rpc"
import { measured } from "./metrics.ts"
import { scrub } from "./scrub.ts"

/** Longer than any call may wait by itself (`EventsList` waits up to 30 s). */
const patience = "60 seconds"

/** Outermost around every RPC: bounds its time, scrubs its defects, counts it. */
export const layer = Layer.succeed(
  Edge,
  Edge.of((effect, { rpc }) => {
    const streams = RpcSchema.isStreamSchema(rpc.successSchema)
    const bounded = streams ? effect : Effect.timeoutOrElse(effect, {
      duration: patience,
      orElse: () => Effect.fail(new Unavailable({ dependency: "A part of the server" }))
    })
    return bounded.pipe(scrub(rpc._tag), measured(rpc._tag, { streams }))
  })
)
