import { Context, Schema } from "effect"
import { ApiKeyId, DatasetId, TenantId } from "../ids.ts"
import { isStorable } from "../text.ts"

/** What a key may do. Each scope includes the ones before it, except `operator`, which stands beside them. */
export const Scope = Schema.Literals(["read", "write", "admin", "operator"])
export type Scope = typeof Scope.Type

/** Whom a caller acts for: passed along by applications that serve several people with one key. */
export class OnBehalfOf extends Schema.Class<OnBehalfOf>("@sheaf/domain/edge/Caller/OnBehalfOf")({
  id: Schema.String.check(Schema.isBetweenLength(1, 200), isStorable),
  name: Schema.optionalKey(Schema.String.check(Schema.isMaxLength(200), isStorable)),
  email: Schema.optionalKey(Schema.String.check(Schema.isMaxLength(320), isStorable))
}) {}

/** Who did something: the key, and the person it acted for. Recorded on every mutation. */
export class Actor extends Schema.Class<Actor>("@sheaf/domain/edge/Caller/Actor")({
  keyId: ApiKeyId,
  onBehalfOf: Schema.optionalKey(OnBehalfOf)
}) {}

/** The authenticated key of a call. Repositories take it (or its tenant) as their first argument: ids alone load nothing. */
export class Caller extends Schema.Class<Caller>("@sheaf/domain/edge/Caller/Caller")({
  tenantId: TenantId,
  keyId: ApiKeyId,
  scopes: Schema.Array(Scope),
  /** `null`: every dataset that the dataset's own permission allows. */
  datasetIds: Schema.NullOr(Schema.Array(DatasetId)),
  /** When the key ends; absent or `null`: never. */
  expiresAt: Schema.optionalKey(Schema.NullOr(Schema.Date)),
  onBehalfOf: Schema.optionalKey(OnBehalfOf)
}) {
  get actor(): Actor {
    return new Actor({ keyId: this.keyId, ...(this.onBehalfOf && { onBehalfOf: this.onBehalfOf }) })
  }

  has(scope: Scope): boolean {
    return this.scopes.some((held) => includes(held, scope))
  }
}

const ladder = ["read", "write", "admin"] as const satisfies ReadonlyArray<Scope>

const includes = (held: Scope, wanted: Scope): boolean =>
  held === "operator" || wanted === "operator"
    ? held === wanted
    : ladder.indexOf(held) >= ladder.indexOf(wanted)

export class CurrentCaller
  extends Context.Service<CurrentCaller, Caller>()("@sheaf/domain/edge/Caller/CurrentCaller")
{}
