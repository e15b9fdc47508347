import type { RateName } from "@sheaf/domain/admin/Limits"
import { type ApiTag, requiredScope } from "@sheaf/domain/ApiRpcs"
import { Caller, CurrentCaller, OnBehalfOf } from "@sheaf/domain/edge/Caller"
import { Authentication, Idempotent } from "@sheaf/domain/edge/middleware"
import { Effect, Layer, Predicate } from "effect"
import { RpcSchema } from "effect/rpc"
import { Gate } from "./Gate.ts"

/** Lets in whoever the gate lets in, as the person it acts for. A stream ends when its key is revoked. */
export const layer = Layer.effect(
  Authentication,
  Effect.gen(function*() {
    const gate = yield* Gate
    return Authentication.of((effect, { headers, payload, rpc }) => {
      // The group is made of the operations that the list names: the compiler sees to that.
      const operation = rpc._tag as ApiTag
      const rate = rateOf(operation, rpc)
      const admission = { operation, scope: requiredScope[operation], ...(rate !== undefined && { rate }) }
      return Effect.flatMap(gate.admit(headers, admission), (caller) => {
        const admitted = Effect.provideService(effect, CurrentCaller, onBehalf(caller, payload))
        return RpcSchema.isStreamSchema(rpc.successSchema)
          ? Effect.raceFirst(admitted, gate.watch(headers, admission))
          : admitted
      })
    })
  })
)

const uploads: ReadonlySet<ApiTag> = new Set(["DocumentsUpload", "DocumentsIngestText"])

/** What a call counts for. Reading is free; so is what operators do, since somebody has to be able to raise a limit. */
const rateOf = (operation: ApiTag, rpc: { readonly middlewares: ReadonlySet<unknown> }): RateName | undefined => {
  if (operation === "SearchQuery" || operation === "AnnotationsMatch") return "searchesPerMinute"
  if (!rpc.middlewares.has(Idempotent) || requiredScope[operation] === "operator") return undefined
  return uploads.has(operation) ? "uploadsPerMinute" : "mutationsPerMinute"
}

const onBehalf = (caller: Caller, payload: unknown): Caller =>
  Predicate.hasProperty(payload, "onBehalfOf") && payload.onBehalfOf instanceof OnBehalfOf
    ? new Caller({ ...caller, onBehalfOf: payload.onBehalfOf })
    : caller
