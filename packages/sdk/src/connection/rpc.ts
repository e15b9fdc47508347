import type { ApiRpcs } from "@sheaf/domain/ApiRpcs"
import type { Rpc, RpcGroup } from "effect/rpc"
import type { KeyInBrowser, TimedOut, Unreachable, VersionSkew } from "../errors/client.ts"
import type { BadRequest, Raised, UnknownOperation } from "../errors/api.ts"

type Rpcs = RpcGroup.Rpcs<typeof ApiRpcs>
export type Operation = Rpcs["_tag"]
type Named<Tag extends Operation> = Rpc.ExtractTag<Rpcs, Tag>

export type StreamOperation = "DocumentsWatch" | "EventsSubscribe"
export type UnaryOperation = Exclude<Operation, StreamOperation>

/** What the contract asks for, without what the client adds to every mutation. */
export type Payload<Tag extends Operation> = Omit<Rpc.Payload<Named<Tag>>, "idempotencyKey" | "onBehalfOf">
export type Success<Tag extends UnaryOperation> = Rpc.SuccessExit<Named<Tag>>
export type Item<Tag extends StreamOperation> = Rpc.SuccessChunk<Named<Tag>>

/** What can go wrong with any call, beside the errors of its own. */
export type ClientError = Unreachable | TimedOut | VersionSkew | KeyInBrowser | BadRequest | UnknownOperation
/** All that a call can fail with. */
export type CallError<Tag extends Operation> = Raised<Rpc.ErrorExit<Named<Tag>>> | ClientError
