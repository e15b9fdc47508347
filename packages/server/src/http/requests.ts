import { BadRequest } from "@sheaf/domain/edge/errors"
import { explainIssue } from "@sheaf/domain/edge/explainIssue"
import { Effect, Schema, Stream } from "effect"
import { HttpRouter, type HttpServerRequest } from "effect/http"

/** Reads what a client sent as `schema`; what does not fit is its mistake. */
export const decode = <A>(what: string, schema: Schema.Codec<A, unknown>) => {
  const read = Schema.decodeUnknownEffect(schema)
  return (given: unknown): Effect.Effect<A, BadRequest> =>
    Effect.mapError(read(given), ({ issue }) => new BadRequest({ reason: `${what}: ${explainIssue(issue)}` }))
}

/** A part of the path. */
export const pathParameter = <A>(name: string, schema: Schema.Codec<A, string>) => {
  const read = decode(`\`${name}\``, Schema.Unknown.pipe(Schema.decodeTo(schema as Schema.Codec<A, unknown>)))
  return Effect.flatMap(HttpRouter.params, (parameters) => read(parameters[name]))
}

const count = /^(0|[1-9][0-9]{0,15})$/

/** A header that counts bytes. */
export const bytesHeader = (request: HttpServerRequest.HttpServerRequest, name: string) => {
  const sent = request.headers[name]
  return sent === undefined || count.test(sent)
    ? Effect.succeed(sent === undefined ? undefined : Number(sent))
    : Effect.fail(new BadRequest({ reason: `the header ${name} must be a number of bytes` }))
}

/** A client that sends nothing for so long is gone, or means no good. */
const patience = "2 minutes"

/** The body as it comes in. Nothing is held in memory, and nothing limits its length but its reader. */
export const bodyOf = (request: HttpServerRequest.HttpServerRequest): Stream.Stream<Uint8Array, BadRequest> =>
  request.stream.pipe(
    Stream.mapError(() => new BadRequest({ reason: "the body ended before it was complete" })),
    Stream.timeoutOrElse({
      duration: patience,
      orElse: () => Stream.fail(new BadRequest({ reason: `nothing of the body came for ${patience}` }))
    })
  )
