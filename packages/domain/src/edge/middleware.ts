import { Schema } from "effect"
import { RpcMiddleware } from "effect/rpc"
import type { CurrentCaller } from "./Caller.ts"
import {
  Forbidden,
  IdempotencyKeyReused,
  InternalError,
  RateLimited,
  TenantDeleting,
  TenantSuspended,
  Unauthorized,
  Unavailable
} from "./errors.ts"

/** Turns the bearer key of a call into its `CurrentCaller` and checks the scope of the operation, and how often the tenant calls. */
export class Authentication extends RpcMiddleware.Service<Authentication, { provides: CurrentCaller }>()(
  "@sheaf/domain/edge/middleware/Authentication",
  { error: Schema.Union([Unauthorized, Forbidden, TenantSuspended, TenantDeleting, RateLimited]) }
) {}

/**
 * Stands around every mutation: one transaction holds the change, its idempotency record and its audit entry.
 * The stored answer is replayed for 24 hours; a concurrent duplicate waits for the first.
 */
export class Idempotent extends RpcMiddleware.Service<Idempotent, { requires: CurrentCaller }>()(
  "@sheaf/domain/edge/middleware/Idempotent",
  { error: IdempotencyKeyReused }
) {}

/** Outermost: no defect reaches a caller as it is. Outages become `Unavailable`, bugs an `InternalError` with a reference. */
export class Edge extends RpcMiddleware.Service<Edge>()("@sheaf/domain/edge/middleware/Edge", {
  error: Schema.Union([Unavailable, InternalError])
}) {}
