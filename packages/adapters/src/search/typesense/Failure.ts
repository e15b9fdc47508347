import { Data } from "effect"

/**
 * What one request came to. It keeps a status and a sentence and never what the HTTP libraries throw: that holds the request, and with it
 * the key.
 */
export class Failure extends Data.TaggedError("TypesenseFailure")<{
  /** `undefined` where no whole answer came. */
  readonly status: number | undefined
  readonly message: string
}> {
  /** No answer, back-pressure, a full disk, a wrong key: nothing that is wrong with what was sent. */
  get isRetryable(): boolean {
    return this.status === undefined || this.status >= 500 || [401, 408, 422, 429].includes(this.status)
  }

  /** The server could not be asked: it is down, starting, or behind. */
  get isOutage(): boolean {
    return this.status === undefined || this.status === 503
  }

  /** A missing collection, not a missing field of it (which is 404 as well). */
  get isMissingCollection(): boolean {
    return this.status === 404 && /^(Collection not found|No collection with name)/.test(this.message)
  }
}

/** An answer that is not what the protocol says, such as half of one. */
export const malformed = (what: string): Failure =>
  new Failure({ status: undefined, message: `not understood: ${what}` })
