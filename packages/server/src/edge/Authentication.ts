import type { RateName } from "@sheaf/domain/admin/Limits"
import { type ApiTag, requiredScope } from "@sheaf/domain/ApiRpcs"
import { Caller, CurrentCaller, OnBehalfOf } from "@sheaf/domain/edge/Caller"
import { Authentication, Idempotent } from "@sheaf/domain/edge/middleware"
import { Effect, Layer, Predicate } from "effect"
import { RpcSchema } from "effect/rpc"
import { type Admission, Gate } from "./Gate.ts"

/** Lets in whoever the gate lets in, as the person it acts for. A stream ends when its key is revoked. */
export const layer = Layer.effect(
  Authentication,
  Effect.gen(function*() {
    const gate = yield* Gate
    return Authentication.of((effect, { headers, payload, rpc }) => {
      const admission = admissionTo(rpc)
      return Effect.flatMap(gate.admit(headers, admission), (caller) => {
        const admitted = Effect.provideService(effect, CurrentCaller, onBehalf(caller, payload))
        return RpcSchema.isStreamSchema(rpc.successSchema)
          ? Effect.raceFirst(admitted, gate.watch(headers, admission))
          : admitted
      })
    })
  })
)

interface Called {
  readonly _tag: string
  readonly middlewares: ReadonlySet<unknown>
}

const admissions = new Map<string, Admission>()

/** What each operation takes, which is the same for every call. */
const admissionTo = (rpc: Called): Admission => {
  const known = admissions.get(rpc._tag)
  if (known !== undefined) return known
  // The group is made of the operations that the list names: the compiler sees to that.
  const operation = rpc._tag as ApiTag
  const rate = rateOf(operation, rpc)
  const admission = { operation, scope: requiredScope[operation], ...(rate !== undefined && { rate }) }
  admissions.set(operation, admission)
  return admission
}

const uploads: ReadonlySet<ApiTag> = new Set(["DocumentsUpload", "DocumentsIngestText"])

/** What a call counts for. Reading is free; so is what operators do, since somebody has to be able to raise a limit. */
const rateOf = (operation: ApiTag, rpc: Called): RateName | undefined => {
  if (operation === "SearchQuery" || operation === "AnnotationsMatch") return "searchesPerMinute"
  if (!rpc.middlewares.has(Idempotent) || requiredScope[operation] === "operator") return undefined
  return uploads.has(operation) ? "uploadsPerMinute" : "mutationsPerMinute"
}

const onBehalf = (caller: Caller, payload: unknown): Caller =>
  Predicate.hasProperty(payload, "onBehalfOf") && payload.onBehalfOf instanceof OnBehalfOf
    ? new Caller({ ...caller, onBehalfOf: payload.onBehalfOf })
    : caller
