import { ApiKeysRepo, type Presented } from "@sheaf/adapters/repos/access/ApiKeysRepo"
import { traced } from "@sheaf/adapters/tracing/traced"
import { Tenant } from "@sheaf/domain/admin/Admin"
import { Caller, type OnBehalfOf, type Scope } from "@sheaf/domain/edge/Caller"
import { Forbidden, type RateLimited, TenantDeleting, TenantSuspended, Unauthorized } from "@sheaf/domain/edge/errors"
import { decodeOnBehalfOf, onBehalfOfHeader } from "@sheaf/domain/edge/onBehalfOf"
import { Context, Effect, Layer, Option, Schedule } from "effect"
import type { Headers } from "effect/http/Headers"
import type { RateName } from "@sheaf/domain/admin/Limits"
import { RateLimits } from "./RateLimits.ts"
import { bearerOf, hashOf } from "./secrets.ts"
import { sharing } from "./sharing.ts"
import { withTenant } from "./tenantOf.ts"

/** What somebody wants to do, and what it takes. */
export interface Admission {
  readonly operation: string
  readonly scope: Scope
  /** Which of the tenant's rates it counts for. Absent: none. */
  readonly rate?: RateName
}

type Refusal = Unauthorized | Forbidden | TenantSuspended | TenantDeleting | RateLimited

/** Operations that make or tell something outside every dataset: not for keys that are limited to some. */
const beyondDatasets: ReadonlySet<string> = new Set([
  "DatasetsCreate",
  "PipelinesCreate",
  "PipelinesUpdate",
  "PipelinesDelete",
  "AppsCreate",
  "AppsGet",
  "AppsList",
  "AppsUpdate",
  "AppsSetReply",
  "AppsArchive",
  "AppsUnarchive",
  "AppsDelete",
  "AnnotationsCreate",
  "AnnotationsGet",
  "AnnotationsList",
  "AnnotationsUpdate",
  "AnnotationsDelete",
  "AnnotationsMatch",
  "AnnotationsSimilar",
  "AnnotationsHits",
  "IngestEventsList",
  "NotificationsSubscribe",
  "NotificationsList",
  "NotificationsMails",
  "NotificationsUnsubscribe",
  "WebhooksCreate",
  "WebhooksGet",
  "WebhooksList",
  "WebhooksUpdate",
  "WebhooksRotate",
  "WebhooksDisable",
  "WebhooksEnable",
  "WebhooksDelete",
  "WebhooksDeliveries",
  "WebhooksRedeliver",
  "WebhooksTest",
  "ConnectionsCreate",
  "ConnectionsGet",
  "ConnectionsList",
  "ConnectionsUpdate",
  "ConnectionsCheck",
  "ConnectionsDisable",
  "ConnectionsEnable",
  "ConnectionsRevoke",
  "ConnectionsDelete",
  "SyncsImport",
  "ConnectionsItems",
  "DriftLook",
  "DriftReports"
])

/** Who may come in, whichever the transport. Keys are looked up every time: a revoked one is refused from the next call on. */
export class Gate extends Context.Service<Gate, {
  readonly admit: (headers: Headers, admission: Admission) => Effect.Effect<Caller, Refusal>
  /** For calls that stay open: fails once the key would not be let in any more. */
  readonly watch: (headers: Headers, admission: Admission) => Effect.Effect<never, Refusal>
}>()("@sheaf/server/edge/Gate") {
  static readonly layerNoDeps = Layer.effect(
    Gate,
    Effect.gen(function*() {
      const keys = yield* ApiKeysRepo
      const rates = yield* RateLimits
      // Whoever shares an answer shares the hash as well; the secret is held no longer than the question takes.
      const look = yield* sharing((secret: string) =>
        Effect.map(keys.findByHash(hashOf(secret)), Option.map(bearerOfKey))
      )

      const enter = ({ caller, key }: Bearer, headers: Headers) => {
        const person = personOf(headers)
        if (Option.isNone(person)) return Effect.fail(new Unauthorized({ reason: "malformed" }))
        const { onBehalfOf } = person.value
        const admitted = onBehalfOf === undefined ? caller : new Caller({ ...caller, onBehalfOf })
        return key.stale ? Effect.as(keys.touch(key.tenantId, key.id), admitted) : Effect.succeed(admitted)
      }

      const admit: Gate["Service"]["admit"] = (headers, admission) => {
        const secret = bearerOf(headers)
        if (secret === undefined) return Effect.fail(new Unauthorized({ reason: "missing" }))
        return Effect.flatMap(look(secret), (found): Effect.Effect<Caller, Refusal> => {
          if (Option.isNone(found)) return Effect.fail(new Unauthorized({ reason: "unknown" }))
          const refusal = refuse(found.value, admission)
          if (refusal !== null) return Effect.fail(refusal)
          if (admission.rate === undefined) return enter(found.value, headers)
          const { tenantId, tenantLimits } = found.value.key
          return Effect.andThen(
            rates.admit(tenantId, admission.rate, tenantLimits),
            Effect.suspend(() => enter(found.value, headers))
          )
        }).pipe(traced("Gate.admit"))
      }

      const watch: Gate["Service"]["watch"] = (headers, { operation, scope }) =>
        admit(headers, { operation, scope }).pipe(
          // An outage is no reason to hang up: whoever reads from the database will notice by itself.
          Effect.catchDefect(() => Effect.void),
          Effect.repeat(Schedule.spaced("5 seconds")),
          Effect.andThen(Effect.never)
        )

      return Gate.of({ admit, watch })
    })
  )
  static readonly layer = Layer.provide(this.layerNoDeps, RateLimits.layer)
}

const personOf = (headers: Headers): Option.Option<{ readonly onBehalfOf?: OnBehalfOf }> => {
  const sent = headers[onBehalfOfHeader]
  return sent === undefined
    ? Option.some({})
    : Option.map(decodeOnBehalfOf(sent), (onBehalfOf) => ({ onBehalfOf }))
}

interface Bearer {
  readonly key: Presented
  /** Of a call that is made for nobody in particular. */
  readonly caller: Caller
}

const bearerOfKey = (key: Presented): Bearer => {
  const { tenantCreatedAt: createdAt, tenantId: id, tenantName: name, tenantState: state } = key
  return { key, caller: withTenant(new Caller({ ...key, keyId: key.id }), new Tenant({ id, name, state, createdAt })) }
}

const refuse = ({ caller, key }: Bearer, { operation, scope }: Admission): Refusal | null => {
  if (key.revoked) return new Unauthorized({ reason: "revoked" })
  if (key.expired) return new Unauthorized({ reason: "expired" })
  if (key.tenantState === "deleting") return new TenantDeleting({ tenantId: key.tenantId })
  // Operators go on working: somebody has to be able to resume the tenant that their own key belongs to.
  if (key.tenantState !== "active" && scope !== "operator") return new TenantSuspended()
  if (!caller.has(scope)) return new Forbidden({ needs: scope, operation })
  return key.datasetIds !== null && beyondDatasets.has(operation) ? new Forbidden({ needs: "admin", operation }) : null
}
