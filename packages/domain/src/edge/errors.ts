import { Schema } from "effect"
import { TenantId } from "../ids.ts"
import { Scope } from "./Caller.ts"

/** No key, an unknown key, an expired or a revoked one; or nobody can tell for whom the call is. */
export class Unauthorized extends Schema.TaggedError<Unauthorized>()("Unauthorized", {
  reason: Schema.Literals(["missing", "unknown", "expired", "revoked", "malformed"])
}) {
  override get message() {
    if (this.reason === "malformed") {
      return "The header `sheaf-on-behalf-of` is not percent-encoded JSON like {\"id\":\"42\"}."
    }
    return this.reason === "missing"
      ? "No API key was sent. Send `Authorization: Bearer shf_...`."
      : `The API key is ${this.reason}. Make a new one with \`sheaf keys create\`.`
  }
}

/** The key is good, but not for this. */
export class Forbidden extends Schema.TaggedError<Forbidden>()("Forbidden", {
  needs: Scope,
  operation: Schema.String
}) {
  override get message() {
    return `${this.operation} needs the scope "${this.needs}", which this key does not have.`
  }
}

export class TenantSuspended extends Schema.TaggedError<TenantSuspended>()("TenantSuspended", {}) {
  override get message() {
    return "This tenant is suspended: reads and writes are refused until an operator resumes it."
  }
}

/** The tenant is being deleted: there is no way back, and no key of it is let in. */
export class TenantDeleting extends Schema.TaggedError<TenantDeleting>()("TenantDeleting", { tenantId: TenantId }) {
  override get message() {
    return `Tenant ${this.tenantId} is being deleted: its keys are refused, and it cannot be resumed.`
  }
}

/** Something that the answer depends on is down or too slow. Nothing was changed; the same call may be sent again. */
export class Unavailable extends Schema.TaggedError<Unavailable>()("Unavailable", {
  dependency: Schema.String,
  retryAfterMs: Schema.optionalKey(Schema.Int)
}) {
  override get message() {
    return `${this.dependency} is not available right now. Nothing was changed; try again in a moment.`
  }
}

/** A bug of ours. The details are in the server's log under `reference`, and nowhere else. */
export class InternalError extends Schema.TaggedError<InternalError>()("InternalError", {
  reference: Schema.String
}) {
  override get message() {
    return `Something went wrong on the server. Its log has the details under reference ${this.reference}.`
  }
}

/** The payload does not fit the operation. Also what the SDK makes of the protocol's own complaint about a payload. */
export class BadRequest extends Schema.TaggedError<BadRequest>()("BadRequest", {
  reason: Schema.String
}) {
  override get message() {
    return `The request is malformed: ${this.reason}`
  }
}

/** The server does not know the operation: client and server are of different versions. */
export class UnknownOperation extends Schema.TaggedError<UnknownOperation>()("UnknownOperation", {
  operation: Schema.String
}) {
  override get message() {
    return `The server knows no operation "${this.operation}": it is not spelled so, or client and server are of different versions.`
  }
}

/** An idempotency key names one mutation: the same key came with another payload or for another operation. */
export class IdempotencyKeyReused extends Schema.TaggedError<IdempotencyKeyReused>()("IdempotencyKeyReused", {
  idempotencyKey: Schema.String
}) {
  override get message() {
    return `The idempotency key "${this.idempotencyKey}" was used for a different request in the last 24 hours. Use a new key for a new request.`
  }
}

/** A limit of the tenant is reached. */
export class QuotaExceeded extends Schema.TaggedError<QuotaExceeded>()("QuotaExceeded", {
  quota: Schema.String,
  limit: Schema.Finite
}) {
  override get message() {
    return `The tenant's limit for ${this.quota} (${this.limit}) is reached.`
  }
}

/** The tenant calls more often than it may. Nothing was changed; the same call is let in after `retryAfterMs`. */
export class RateLimited extends Schema.TaggedError<RateLimited>()("RateLimited", {
  /** Which of the tenant's limits, such as `searchesPerMinute`. */
  rate: Schema.String,
  limit: Schema.Finite,
  retryAfterMs: Schema.Int
}) {
  override get message() {
    return `The tenant's limit for ${this.rate} (${this.limit}) is reached. Try again in ${this.retryAfterMs} ms.`
  }
}

/** What is to be changed has changed since the caller looked: `ifVersion` is not its version any more. */
export class Conflict extends Schema.TaggedError<Conflict>()("Conflict", { currentVersion: Schema.Int }) {
  override get message() {
    return `It was changed meanwhile: its version is ${this.currentVersion} now. Read it again and decide anew.`
  }
}
