import type { ApiRpcs } from "@sheaf/domain/ApiRpcs"
import type { ApiError } from "@sheaf/domain/errors"
import type { Effect, Stream } from "effect"
import type { Rpc, RpcClientError, RpcGroup } from "effect/rpc"
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

/** Errors as they come out of the protocol. */
export type WireError = ApiError | RpcClientError.RpcClientError

/** The client as the protocol gives it: an effect for a unary operation, a stream for the others. */
export interface RawClient {
  readonly send: (
    operation: string,
    payload: unknown,
    options: { readonly headers: Record<string, string> }
  ) => Effect.Effect<unknown, WireError> & Stream.Stream<unknown, WireError>
}
