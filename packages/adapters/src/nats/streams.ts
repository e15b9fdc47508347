import { AckPolicy, type ConsumerConfig, JetStreamApiCodes, type StreamConfig } from "@nats-io/jetstream"
import { Effect, Result, Schema } from "effect"
import type { NatsError } from "./errors.ts"
import type { NatsConnection } from "./NatsConnection.ts"

/** What there has to be on the server. Fields that are not given are the server's choice; nothing that 2.9 does not know. */
export interface StreamSpec {
  readonly config: Partial<Omit<StreamConfig, "metadata" | "name">> & { readonly name: string }
  readonly consumers: ReadonlyArray<ConsumerSpec>
  /** Nothing is lost with it: a stream or consumer that cannot be changed into what is wanted is made anew. */
  readonly disposable: boolean
}

/** A durable pull consumer with explicit acknowledgement. */
export type ConsumerSpec =
  & Partial<Omit<ConsumerConfig, "metadata" | "filter_subjects" | "durable_name" | "ack_policy">>
  & { readonly name: string }

/** A stream or consumer exists whose configuration cannot become ours, and which must not be deleted: an operator has to decide. */
export class StreamConflict extends Schema.TaggedError<StreamConflict>()("StreamConflict", {
  name: Schema.String,
  reason: Schema.String
}) {
  override get message() {
    return `JetStream already has "${this.name}" with another configuration: ${this.reason}. Delete it, or choose another prefix.`
  }
}

/** A stream or consumer is not there. */
export const isMissing = (error: NatsError): boolean =>
  error.code === JetStreamApiCodes.StreamNotFound || error.code === JetStreamApiCodes.ConsumerNotFound

/** The fields of `wanted` that `found` has otherwise. The server answers some that were asked for as nothing at all. */
const differences = (wanted: object, found: object): ReadonlyArray<string> => {
  const have = new Map<string, unknown>(Object.entries(found))
  return Object.entries(wanted).filter(([key, value]) => JSON.stringify(value) !== JSON.stringify(have.get(key))).map(
    ([key]) => key
  )
}

interface Thing {
  readonly name: string
  readonly wanted: object
  readonly disposable: boolean
  readonly find: Effect.Effect<object, NatsError>
  readonly create: Effect.Effect<unknown, NatsError>
  readonly update: Effect.Effect<unknown, NatsError>
  readonly remove: Effect.Effect<unknown, NatsError>
}

/** Makes one thing what it should be. */
const settle = Effect.fnUntraced(function*(thing: Thing): Effect.fn.Return<void, NatsError | StreamConflict> {
  const found = yield* Effect.result(thing.find)
  if (Result.isFailure(found)) {
    return yield* isMissing(found.failure) ? Effect.asVoid(thing.create) : Effect.fail(found.failure)
  }
  const changed = differences(thing.wanted, found.success).join(", ")
  if (changed === "") return
  const updated = yield* Effect.result(thing.update)
  if (Result.isSuccess(updated)) return yield* Effect.logInfo(`changed ${thing.name} in JetStream: ${changed}`)
  const error = updated.failure
  if (error.isRetryable) return yield* error
  if (!thing.disposable) return yield* new StreamConflict({ name: thing.name, reason: error.message })
  yield* Effect.logWarning(`making ${thing.name} in JetStream anew, for ${changed} cannot be changed`)
  yield* thing.remove.pipe(Effect.catchIf(isMissing, () => Effect.void))
  yield* thing.create
})

/**
 * Sees to it that a stream and its consumers exist as specified: made if they are missing, updated where the server can do that. May run
 * in many processes at once; with different releases at work, the last one to start wins.
 */
export const declare = Effect.fn("streams.declare")(function*(nats: NatsConnection["Service"], spec: StreamSpec) {
  const { disposable } = spec
  const stream = spec.config.name
  yield* settle({
    name: stream,
    wanted: spec.config,
    disposable,
    find: nats.use("find a stream", ({ manager }) => manager.streams.info(stream).then((info) => info.config)),
    create: nats.use("make a stream", ({ manager }) => manager.streams.add(spec.config)),
    update: nats.use("change a stream", ({ manager }) => manager.streams.update(stream, spec.config)),
    remove: nats.use("delete a stream", ({ manager }) => manager.streams.delete(stream))
  })
  yield* Effect.forEach(spec.consumers, ({ name, ...options }) => {
    const wanted = { ...options, durable_name: name, ack_policy: AckPolicy.Explicit }
    return settle({
      name: `${stream}/${name}`,
      wanted,
      disposable,
      find: nats.use(
        "find a consumer",
        ({ manager }) => manager.consumers.info(stream, name).then((info) => info.config)
      ),
      create: nats.use("make a consumer", ({ manager }) => manager.consumers.add(stream, wanted)),
      update: nats.use("change a consumer", ({ manager }) => manager.consumers.update(stream, name, wanted)),
      remove: nats.use("delete a consumer", ({ manager }) => manager.consumers.delete(stream, name))
    })
  }, { concurrency: 8, discard: true })
})
