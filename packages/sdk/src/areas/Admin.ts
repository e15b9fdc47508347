import type { ApiKey, Tenant } from "@sheaf/domain/admin/Admin"
import type { LimitChanges } from "@sheaf/domain/admin/Limits"
import type { Allowance } from "@sheaf/domain/admin/LimitsRpcs"
import type { NewApiKey } from "@sheaf/domain/admin/AdminRpcs"
import type { ServerInfo } from "@sheaf/domain/admin/InfoRpcs"
import type { TenantRemoval } from "@sheaf/domain/admin/TenantRemovalRpcs"
import type { Scope } from "@sheaf/domain/edge/Caller"
import type { IngestRecord, IngestState } from "@sheaf/domain/ingest/IngestRpcs"
import type { ApiKeyId, TenantId } from "@sheaf/domain/ids"
import { Effect } from "effect"
import type { Calls } from "../connection/Calls.ts"
import type { CallError } from "../connection/rpc.ts"
import type { CallOptions, DatasetRef, MutationOptions, Page, PageOptions } from "../options.ts"
import { type ByName, type Datasets, pageOf } from "./Datasets.ts"
import { type DeadLetters, makeDeadLetters } from "./DeadLetters.ts"
import type { Feed } from "../streams/Feed.ts"
import { everyItem } from "./pages.ts"

export interface NewKey {
  readonly name: string
  readonly scopes: ReadonlyArray<Scope>
  /** The only datasets that it may see. Default: all that their permission allows. */
  readonly datasets?: ReadonlyArray<DatasetRef>
  readonly expiresAt?: Date
}
type ListOptions = PageOptions & CallOptions

/** Keys of this tenant. */
export interface Keys {
  /** The answer has the secret, which nobody can read again. */
  readonly create: (
    key: NewKey,
    options?: MutationOptions
  ) => Effect.Effect<typeof NewApiKey.Type, CallError<"KeysCreate"> | ByName>
  readonly list: (options?: ListOptions) => Effect.Effect<Page<ApiKey>, CallError<"KeysList">>
  readonly all: (options?: ListOptions) => Feed<ApiKey, CallError<"KeysList">>
  /** The key that this client has. */
  readonly own: (options?: CallOptions) => Effect.Effect<ApiKey, CallError<"KeysOwn">>
  /** Refused from the next call on. */
  readonly revoke: (keyId: string, options?: MutationOptions) => Effect.Effect<ApiKey, CallError<"KeysRevoke">>
}

/** All tenants of the installation: for keys with the scope `operator`. */
export interface Tenants {
  /** Makes a tenant and its first key, with the scope `admin`. */
  readonly create: (
    name: string,
    options?: MutationOptions
  ) => Effect.Effect<{ readonly tenant: Tenant; readonly key: typeof NewApiKey.Type }, CallError<"TenantsCreate">>
  readonly list: (options?: ListOptions) => Effect.Effect<Page<Tenant>, CallError<"TenantsList">>
  readonly all: (options?: ListOptions) => Feed<Tenant, CallError<"TenantsList">>
  readonly suspend: (tenantId: string, options?: MutationOptions) => Effect.Effect<Tenant, CallError<"TenantsSetState">>
  readonly resume: (tenantId: string, options?: MutationOptions) => Effect.Effect<Tenant, CallError<"TenantsSetState">>
  /** What a tenant may have, and what it has. */
  readonly usage: (tenantId: string, options?: CallOptions) => Effect.Effect<Allowance, CallError<"TenantsUsage">>
  /** What is left out stays as it is; `null` goes back to what the installation says. */
  readonly setLimits: (
    tenantId: string,
    limits: LimitChanges,
    options?: MutationOptions
  ) => Effect.Effect<Allowance, CallError<"TenantsSetLimits">>
  /** For good, with all that it owns. Its keys are refused from then on; the rest goes in the background. */
  readonly delete: (
    tenantId: string,
    options?: MutationOptions
  ) => Effect.Effect<TenantRemoval, CallError<"TenantsDelete">>
  /** Tenants that were deleted or are being deleted, the latest first. */
  readonly removals: (options?: ListOptions) => Effect.Effect<Page<TenantRemoval>, CallError<"TenantsRemovals">>
  readonly allRemovals: (options?: ListOptions) => Feed<TenantRemoval, CallError<"TenantsRemovals">>
}

export interface IngestEventsListOptions extends ListOptions {
  readonly state?: IngestState
}

/** What other services sent over NATS, and what was decided about it. Needs the scope `admin`. */
export interface IngestEvents {
  /** Newest first. With `state: "rejected"`: those of which nothing will come. */
  readonly list: (
    options?: IngestEventsListOptions
  ) => Effect.Effect<Page<IngestRecord>, CallError<"IngestEventsList">>
  readonly all: (
    options?: IngestEventsListOptions
  ) => Feed<IngestRecord, CallError<"IngestEventsList">>
}

/** What the server is, who may use it, and for whom it works. */
export interface Admin {
  readonly info: (options?: CallOptions) => Effect.Effect<typeof ServerInfo.Type, CallError<"AdminInfo">>
  /** What the key's tenant may have, and what it has. */
  readonly usage: (options?: CallOptions) => Effect.Effect<Allowance, CallError<"AdminUsage">>
  readonly keys: Keys
  readonly tenants: Tenants
  readonly ingestEvents: IngestEvents
  readonly deadLetters: DeadLetters
}

export const makeAdmin = (calls: Calls, datasets: Datasets): Admin => {
  const listKeys: Keys["list"] = ({ cursor, limit, ...options } = {}) =>
    calls.query("KeysList", pageOf({ cursor, limit }), options)
  const listTenants: Tenants["list"] = ({ cursor, limit, ...options } = {}) =>
    calls.query("TenantsList", pageOf({ cursor, limit }), options)
  const listRemovals: Tenants["removals"] = ({ cursor, limit, ...options } = {}) =>
    calls.query("TenantsRemovals", pageOf({ cursor, limit }), options)
  const listIngestEvents: IngestEvents["list"] = ({ cursor, limit, state, ...options } = {}) =>
    calls.query(
      "IngestEventsList",
      { ...pageOf({ cursor, limit }), ...(state !== undefined && { state }) },
      options
    )
  const setState = (tenantId: string, state: "active" | "suspended", options?: MutationOptions) =>
    calls.mutate("TenantsSetState", { tenantId: tenantId as TenantId, state }, options)

  const createKey: Keys["create"] = Effect.fnUntraced(function*({ datasets: only, ...key }, options) {
    const datasetIds = only && (yield* Effect.forEach(only, datasets.idOf))
    return yield* calls.mutate("KeysCreate", { ...key, ...(datasetIds && { datasetIds }) }, options)
  })

  return {
    info: (options) => calls.query("AdminInfo", {}, options),
    usage: (options) => calls.query("AdminUsage", {}, options),
    keys: {
      create: createKey,
      list: listKeys,
      all: (options = {}) => everyItem(listKeys, options),
      own: (options) => calls.query("KeysOwn", {}, options),
      revoke: (keyId, options) => calls.mutate("KeysRevoke", { keyId: keyId as ApiKeyId }, options)
    },
    deadLetters: makeDeadLetters(calls, datasets),
    ingestEvents: {
      list: listIngestEvents,
      all: (options = {}) => everyItem(listIngestEvents, options)
    },
    tenants: {
      create: (name, options) => calls.mutate("TenantsCreate", { name }, options),
      list: listTenants,
      all: (options = {}) => everyItem(listTenants, options),
      suspend: (tenantId, options) => setState(tenantId, "suspended", options),
      resume: (tenantId, options) => setState(tenantId, "active", options),
      usage: (tenantId, options) => calls.query("TenantsUsage", { tenantId: tenantId as TenantId }, options),
      setLimits: (tenantId, limits, options) =>
        calls.mutate("TenantsSetLimits", { tenantId: tenantId as TenantId, limits }, options),
      delete: (tenantId, options) => calls.mutate("TenantsDelete", { tenantId: tenantId as TenantId }, options),
      removals: listRemovals,
      allRemovals: (options = {}) => everyItem(listRemovals, options)
    }
  }
}
