import { BlobKey, BlobStore } from "@sheaf/adapters/blobs/BlobStore"
import { installation } from "@sheaf/adapters/lifecycle/installation"
import { Removal } from "@sheaf/adapters/lifecycle/Removal"
import { AuditLogRepo } from "@sheaf/adapters/repos/access/AuditLogRepo"
import { TenantsRepo } from "@sheaf/adapters/repos/access/TenantsRepo"
import { TenantTablesRepo } from "@sheaf/adapters/repos/upkeep/TenantTablesRepo"
import { TombstonesRepo } from "@sheaf/adapters/repos/upkeep/TombstonesRepo"
import { SearchIndex } from "@sheaf/adapters/search/SearchIndex"
import { Duration, Effect, Number, Option } from "effect"
import * as Stage from "../../pipeline/Stage.ts"
import { countBlobs } from "../countBlobs.ts"
import { ofBlobs, ofIndex } from "../failures.ts"

/** Datasets sent on their way at a time. */
const page = 50

const wait = (reason: string) => new Stage.TryAgain({ reason, patient: true, delay: Duration.millis(500) })

/**
 * Ends the deletion of a tenant: its datasets go the way of every deleted dataset, then what is left in the index, the blobs and any table
 * that has a `tenant_id`. The tenant's own row goes when all of it was counted as zero in the transaction that does so; a tombstone stays.
 */
export const purgeTenant = Effect.gen(function*() {
  const audit = yield* AuditLogRepo
  const blobs = yield* BlobStore
  const index = yield* SearchIndex
  const removal = yield* Removal
  const tables = yield* TenantTablesRepo
  const tenants = yield* TenantsRepo
  const tombstones = yield* TombstonesRepo

  /** Before any of it goes: whoever goes on after a crash finds less. */
  const sayWhatGoes = Effect.fnUntraced(function*({ claim: { tenantId }, write }: Stage.Work<"PurgeTenant">) {
    const spaces = yield* write(tombstones.keepSpaces(tenantId))
    const entries = yield* Effect.forEach(spaces, (space) => index.count(space, tenantId, { _tag: "Tenant" })).pipe(
      Effect.mapError(ofIndex)
    )
    const files = yield* countBlobs(blobs, BlobKey.make(tenantId)).pipe(Effect.mapError(ofBlobs))
    yield* write(tombstones.addLeftovers(tenantId, { indexEntries: Number.sumAll(entries), blobs: files }))
  })

  const clearIndex = Effect.fnUntraced(function*({ claim: { tenantId }, write }: Stage.Work<"PurgeTenant">) {
    let entries = 0
    for (const space of yield* write(tombstones.keepSpaces(tenantId))) {
      entries += yield* index.remove(space, tenantId, { _tag: "Tenant" }).pipe(Effect.mapError(ofIndex))
      const left = yield* index.count(space, tenantId, { _tag: "Tenant" }).pipe(Effect.mapError(ofIndex))
      if (left > 0) return yield* wait(`${left} index entries are left`)
    }
    return entries
  })

  const clearBlobs = ({ claim }: Stage.Work<"PurgeTenant">) =>
    blobs.removePrefix(BlobKey.make(claim.tenantId)).pipe(Effect.mapError(ofBlobs))

  const clearRows = Effect.fnUntraced(function*({ claim, write }: Stage.Work<"PurgeTenant">) {
    const all = yield* tables.tables
    // Jobs first, so that nobody works for the tenant any more.
    for (const table of ["jobs", ...all.filter((name) => name !== "jobs")]) {
      const removePage = write(Effect.gen(function*() {
        const gone = yield* tables.removePage(claim.tenantId, table, claim.id)
        yield* tombstones.add(claim.tenantId, { [table]: gone })
        return gone
      }))
      yield* removePage.pipe(Effect.repeat({ while: (gone) => gone > 0 }))
    }
  })

  return Stage.make({
    handles: "PurgeTenant",
    concurrency: 1,
    timeout: "10 minutes",
    run: Effect.fn("purgeTenant")(function*(work) {
      const { claim, write } = work
      const { tenantId } = claim
      const tenant = yield* tenants.find(tenantId)
      if (Option.isNone(tenant) || tenant.value.state !== "deleting") return Stage.nothing

      const left = yield* tables.datasets(tenantId, page)
      if (left.length > 0) {
        yield* Effect.forEach(
          left,
          (datasetId) =>
            write(removal.dataset({ tenantId, actor: installation }, datasetId)).pipe(
              // On its way out already.
              Effect.catchTag("DatasetNotFound", () => Effect.void)
            ),
          { discard: true }
        )
        return yield* wait("datasets are being purged")
      }
      yield* sayWhatGoes(work)
      yield* clearIndex(work)
      yield* clearBlobs(work)
      yield* clearRows(work)
      const again = (yield* clearBlobs(work)) + (yield* clearIndex(work))
      const rows = yield* tables.remaining(tenantId, claim.id)
      if (again > 0 || rows.length > 0) return yield* wait(`something was left: ${again} ${rows.join(", ")}`)
      // What came in between, from a call that was let in before, keeps the tenant's row by a foreign key: then this is done again.
      return Effect.gen(function*() {
        const ended = yield* tombstones.end(tenantId)
        if (Option.isNone(ended)) return
        const { name, requestedBy, requestedIn } = ended.value
        // Who wanted it may be gone as well.
        if (Option.isNone(yield* tenants.find(requestedIn))) return
        const what = yield* tombstones.find(tenantId)
        yield* audit.append(requestedIn, {
          operation: "TenantDeleted",
          actor: requestedBy,
          target: { tenantId, name, removed: Option.isSome(what) ? what.value.removed : {} }
        })
      })
    })
  })
})
