import { Inspectable, Schema } from "effect"

/** NATS cannot be used as configured: found when the process starts. Carries no secret. */
export class NatsUnusable extends Schema.TaggedError<NatsUnusable>()("NatsUnusable", {
  servers: Schema.String,
  reason: Schema.String
}) {
  override get message() {
    return `NATS at ${this.servers} cannot be used: ${this.reason}`
  }
}

/** One call to NATS failed. All of them are worth trying again later, but for the ones that the server refused with a code. */
export class NatsError extends Schema.TaggedError<NatsError>()("NatsError", {
  operation: Schema.String,
  /** JetStream's error code, where the server answered: 10059 no such stream, 10014 no such consumer. */
  code: Schema.NullOr(Schema.Int),
  cause: Schema.Defect()
}) {
  override get message() {
    return `${this.operation}: ${reasonOf(this.cause)}`
  }

  /** The server did not answer, or was not there. */
  get isRetryable() {
    return this.code === null
  }
}

/** The innermost cause: the outer ones say only that something failed. */
export const reasonOf = (error: unknown): string => {
  if (typeof error === "string") return error
  if (!(error instanceof Error)) return Inspectable.toStringUnknown(error)
  if (error.cause instanceof Error) return reasonOf(error.cause)
  return error.message || String("code" in error ? error.code : error.name)
}
