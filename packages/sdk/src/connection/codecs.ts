import { apiVersion } from "@sheaf/domain/apiVersion"
import type { ApiError } from "@sheaf/domain/errors"
import { Effect, Exit, Schema, type SchemaIssue } from "effect"
import { type Rpc, RpcSchema } from "effect/rpc"
import { BadRequest, raise, type Raised } from "../errors/api.ts"
import { VersionSkew } from "../errors/client.ts"
import { load } from "./contract.ts"
import { loadRest, type NotLoaded } from "./rest.ts"

/** How one operation's messages are written and read. */
interface Codec {
  readonly encode: (payload: unknown) => Effect.Effect<unknown, BadRequest>
  readonly decodeSuccess: (encoded: unknown) => Exit.Exit<unknown, VersionSkew>
  /** An item of a stream; of an operation without one, nothing. */
  readonly decodeItems: (encoded: unknown) => Exit.Exit<ReadonlyArray<unknown>, VersionSkew>
  readonly decodeError: (encoded: unknown) => Exit.Exit<Raised<ApiError>, VersionSkew>
}

const made = new Map<string, Codec>()

const compile = (operation: string, rpc: Rpc.AnyWithProps): Codec => {
  const codec = make(rpc)
  made.set(operation, codec)
  return codec
}

/** That of an operation, compiled when it is used for the first time; what it is made from may have to be loaded first. */
export const loadCodec = (operation: string): Effect.Effect<Codec, NotLoaded> =>
  Effect.suspend(() => {
    const found = made.get(operation)
    return found === undefined
      ? Effect.map(load(operation), (rpc) => compile(operation, rpc))
      : Effect.succeed(found)
  })

/** That of an operation which was called before. */
export const madeCodec = (operation: string): Codec | undefined => made.get(operation)

const make = (rpc: Rpc.AnyWithProps): Codec => {
  const stream = RpcSchema.isStreamSchema(rpc.successSchema) ? rpc.successSchema : undefined
  const errors = [rpc.errorSchema, ...Array.from(rpc.middlewares, (middleware) => middleware.error)]
  const decodeError = reader(Schema.Union(stream === undefined ? errors : [...errors, stream.error]))
  const payload = rpc.payloadSchema as Schema.Codec<unknown>
  const encode = Schema.encodeEffect(Schema.toCodecJson(payload))
  return {
    // Made first: that builds the classes within from plain objects, and complains about what does not fit.
    encode: (input) =>
      payload.makeEffect(input).pipe(
        Effect.catch((issue) => Effect.flatMap(explained(issue), (reason) => Effect.fail(new BadRequest({ reason })))),
        Effect.flatMap((value) => Effect.orDie(encode(value)))
      ),
    decodeSuccess: stream === undefined ? reader(rpc.successSchema) : () => Exit.succeed(undefined),
    decodeItems: reader(Schema.Array(stream?.success ?? Schema.Never)) as Codec["decodeItems"],
    decodeError: (encoded) => Exit.map(decodeError(encoded), (error) => raise(error as ApiError))
  }
}

/** In words for people, where these can be loaded: a page that makes no mistakes never needs them. */
const explained = (issue: SchemaIssue.Issue): Effect.Effect<string> =>
  Effect.match(loadRest, {
    onSuccess: ({ explainIssue }) => explainIssue(issue),
    onFailure: () => new Schema.SchemaError(issue).message
  })

/** An answer that does not fit the contract comes from a server of another version. */
const reader = (schema: Schema.Top) => {
  const decode = Schema.decodeUnknownExit(Schema.toCodecJson(schema as Schema.Codec<unknown>))
  return (encoded: unknown): Exit.Exit<unknown, VersionSkew> => Exit.mapError(decode(encoded), () => skew)
}

const skew = new VersionSkew({ client: apiVersion, server: null })
