import type { ApiRpcs, ApiTag } from "@sheaf/domain/ApiRpcs"
import type { Effect } from "effect"
import type { Rpc, RpcGroup } from "effect/rpc"
import type { Actor, Refused } from "../world/Actor.ts"

type Payload<Tag extends ApiTag> = Rpc.Payload<Extract<RpcGroup.Rpcs<typeof ApiRpcs>, { readonly _tag: Tag }>>

/** Every operation that changes something. */
export type MutationTag = {
  [Tag in ApiTag]: "idempotencyKey" extends keyof Payload<Tag> ? Tag : never
}[ApiTag]

/** What is done, and done again from the beginning after a crash, with the same idempotency keys. */
export type Act = (actor: Actor) => Effect.Effect<unknown, Refused>

/** Makes what has to be there before, and answers what is done. Ids of things that the act names come from there. */
export type Scenario = (actor: Actor) => Effect.Effect<Act, Refused>
