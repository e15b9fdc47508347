import { ConnectionsRepo } from "@sheaf/adapters/repos/connections/ConnectionsRepo"
import { PipelineSecretsRepo } from "@sheaf/adapters/repos/pipelines/PipelineSecretsRepo"
import { WebhookSecretsRepo } from "@sheaf/adapters/repos/webhooks/WebhookSecretsRepo"
import { DocumentSecretsRepo } from "@sheaf/adapters/repos/documents/DocumentSecretsRepo"
import { ReconciliationsRepo } from "@sheaf/adapters/repos/upkeep/ReconciliationsRepo"
import { RetentionRepo } from "@sheaf/adapters/repos/upkeep/RetentionRepo"
import { expiryPage, transact } from "@sheaf/adapters/repos/rows"
import { Duration, Effect } from "effect"
import { SqlClient } from "effect/sql"
import { scheduledSyncs } from "./scheduledSyncs.ts"
import { sweepTombstones } from "./sweepTombstones.ts"
import { Upkeep } from "./Upkeep.ts"

/** What is done now and then to keep an installation in order: looks for drift are begun, and what is past its time goes. */
export const upkeepChores = Effect.gen(function*() {
  const looks = yield* ReconciliationsRepo
  const retention = yield* RetentionRepo
  const connections = yield* ConnectionsRepo
  const passwords = yield* DocumentSecretsRepo
  const secrets = yield* PipelineSecretsRepo
  const webhookSecrets = yield* WebhookSecretsRepo
  const sql = yield* SqlClient.SqlClient
  const { auditKept, lookEvery, mends } = yield* Upkeep

  const beginLooks = looks.due(lookEvery).pipe(
    Effect.flatMap(
      Effect.forEach((tenantId) => transact(sql)(looks.begin(tenantId, { repair: mends, askedBy: null })), {
        discard: true
      })
    )
  )
  const all = (page: Effect.Effect<number>, size: number) =>
    page.pipe(Effect.repeat({ while: (gone) => gone === size }))
  const letGo = Effect.forEach(
    [
      all(retention.audit(auditKept), expiryPage),
      all(retention.deadJobs, expiryPage),
      all(retention.openUnits, expiryPage),
      // Each is a transaction of its own, and some may be held up: whatever goes, goes on.
      retention.runs.pipe(Effect.repeat({ while: (gone) => gone > 0 })),
      retention.leases,
      connections.sealAgain,
      secrets.sealAgain,
      webhookSecrets.sealAgain,
      passwords.sealAgain
    ],
    Effect.asVoid,
    { discard: true }
  )

  return [
    { name: "looks", interval: Duration.minutes(1), chore: Effect.asVoid(beginLooks) },
    { name: "syncs", interval: Duration.minutes(1), chore: yield* scheduledSyncs },
    { name: "upkeep", interval: Duration.minutes(15), chore: letGo },
    { name: "tombstones", interval: Duration.minutes(5), chore: Effect.asVoid(yield* sweepTombstones) }
  ]
})
