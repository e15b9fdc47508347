import { LeaseToken } from "@sheaf/domain/ids"
import { Context, Duration, Effect, Layer, Option, Schema } from "effect"
import { SqlClient } from "effect/sql"
import { newId } from "../newId.ts"
import { done, maybeRow } from "../rows.ts"

/**
 * Rows that say which process does a chore (numbering events, reaping leases). Any process may hold one, none is needed for more
 * than a lease's time. Not session locks: the embedded database has one session.
 */
export class LeasesRepo extends Context.Service<LeasesRepo, {
  /** Takes or renews the lease; `false` while another holds it. */
  readonly hold: (name: string, holder: string, lease: Duration.Duration) => Effect.Effect<boolean>
  /** Gives up everything that a holder has. */
  readonly releaseAll: (holder: string) => Effect.Effect<void>
  /** Voids what all others have: for a process that knows that it is alone. */
  readonly releaseOthers: (holder: string) => Effect.Effect<void>
}>()("@sheaf/adapters/repos/jobs/LeasesRepo") {
  static readonly layer = Layer.effect(
    LeasesRepo,
    Effect.gen(function*() {
      const sql = yield* SqlClient.SqlClient
      const taken = maybeRow(Schema.Struct({ name: Schema.String }))
      const hold = Effect.fn("LeasesRepo.hold")(function*(name: string, holder: string, lease: Duration.Duration) {
        const token = yield* newId(LeaseToken)
        const until = sql`now() + make_interval(secs => ${Duration.toSeconds(lease)})`
        const row = yield* taken(sql`
          insert into leases (name, holder, token, expires_at) values (${name}, ${holder}, ${token}, ${until})
          on conflict (name) do update set holder = excluded.holder, token = excluded.token, expires_at = excluded.expires_at
          where leases.holder = excluded.holder or leases.expires_at < now()
          returning name`)
        return Option.isSome(row)
      })
      return LeasesRepo.of({
        hold,
        releaseAll: (holder) => done(sql`delete from leases where holder = ${holder}`),
        releaseOthers: (holder) => done(sql`delete from leases where holder <> ${holder}`)
      })
    })
  )
}
