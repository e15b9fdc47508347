import { Signals } from "@sheaf/adapters/signals/Signals"
import type { JobTag, Lane } from "@sheaf/domain/jobs/Job"
import { Context, Data, Effect, Schedule } from "effect"
import type { SqlClient } from "effect/sql"
import { tenantsOf } from "../evidence/tables.ts"
import type { Installation } from "./Installation.ts"
import type { Stage } from "./Stage.ts"

/** Work that never came to its end. */
class NeverQuiet extends Data.TaggedError("NeverQuiet")<{ readonly owed: string }> {
  override get message() {
    return `it never comes to rest: ${this.owed}`
  }
}

/**
 * Waits until nothing is owed to a tenant any more, but for what is held up. Time passes quickly: what was put off, be it for a second or for eleven minutes, is
 * due at once.
 */
export const quiet = (stage: Stage, tenantId: string) =>
  quietly(stage.installation.observer, tenantId, 90, (due) => {
    const { send } = Context.get(stage.life.context, Signals)
    return Effect.forEach(due, (job) => send({ _tag: "JobsDue", ...job }), { discard: true })
  })

interface Due {
  readonly stage: JobTag
  readonly lane: Lane
}

/** The same where others work; `nudge` tells them what is due now. */
export const quietly = Effect.fn("proof.quiet")(function*(
  observer: SqlClient.SqlClient,
  tenantId: string,
  limit: number,
  nudge: (due: ReadonlyArray<Due>) => Effect.Effect<void> = () => Effect.void
) {
  const tenantIds = yield* tenantsOf(observer, tenantId)
  /** Lets time pass for what was put off. */
  const hasten = Effect.gen(function*() {
    const due = yield* observer<Due>`update jobs set not_before = now()
      where tenant_id = any(${tenantIds}::uuid[]) and state = 'ready' and not_before > now() returning stage, lane`
    yield* observer`update deliveries set next_at = now()
      where tenant_id = any(${tenantIds}::uuid[]) and next_at > now()`
    yield* observer`update mails set next_at = now(), changed_at = now() - interval '1 minute'
      where tenant_id = any(${tenantIds}::uuid[]) and finished_at is null`
    yield* nudge(due)
  })
  // One statement as long as nothing is put off: the embedded database does nothing else while it is asked.
  const look = Effect.gen(function*() {
    const seen = yield* observer<{ readonly what: string | null }>`select stage || ' ' || state as what from jobs
        where tenant_id = any(${tenantIds}::uuid[]) and state <> 'dead' and not exists (select 1 from runs
          where runs.tenant_id = jobs.tenant_id and runs.id = jobs.run_id and runs.paused)
      union all select 'unnumbered event' from events where tenant_id = any(${tenantIds}::uuid[]) and number is null
      union all select 'unfollowed event' from event_heads h left join followed_events f on f.tenant_id = h.tenant_id
        where h.tenant_id = any(${tenantIds}::uuid[]) and h.newest > coalesce(f.followed, 0)
      union all select null where exists (select 1 from jobs
          where tenant_id = any(${tenantIds}::uuid[]) and state = 'ready' and not_before > now())
        or exists (select 1 from deliveries where tenant_id = any(${tenantIds}::uuid[]) and next_at > now())
        or exists (select 1 from mails where tenant_id = any(${tenantIds}::uuid[]) and finished_at is null)`
    if (seen.some(({ what }) => what === null)) yield* hasten
    return seen.flatMap(({ what }) => what === null ? [] : [what])
  }).pipe(Effect.orDie)
  let last: ReadonlyArray<string> = []
  yield* Effect.tap(look, (owed) => Effect.sync(() => last = owed)).pipe(
    Effect.repeat({ until: (owed) => owed.length === 0, schedule: Schedule.spaced("25 millis") }),
    Effect.timeoutOrElse({
      duration: `${limit} seconds`,
      orElse: () => Effect.fail(new NeverQuiet({ owed: last.slice(0, 5).join(", ") }))
    })
  )
})

/** Makes it possible to hold a tenant's work, and keeps the reconciler from it. */
export const prepareHolding = (observer: SqlClient.SqlClient) =>
  Effect.forEach([
    "create table if not exists proof_held (tenant uuid primary key)",
    `create or replace function proof_hold() returns trigger language plpgsql as $$
      begin
        if exists (select 1 from proof_held where tenant = new.tenant_id) then
          new.not_before := now() + interval '1 day';
        end if;
        return new;
      end $$`,
    "create or replace trigger proof_hold before insert on jobs for each row execute function proof_hold()",
    // A look for drift would mend what is to be seen. Whoever was looked through just now is left alone.
    `create or replace function proof_looked() returns trigger language plpgsql as $$
      begin
        insert into reconciliations (tenant_id, id, repair, position, finished_at)
        values (new.id, gen_random_uuid(), false, '{}', now());
        return new;
      end $$`,
    "create or replace trigger proof_looked after insert on tenants for each row execute function proof_looked()"
  ], (statement) =>
    observer.unsafe(statement), { discard: true }).pipe(Effect.orDie)

/** What comes to be owed to a tenant meanwhile is put off until somebody waits for rest. */
export const hold = ({ observer }: Installation, tenantId: string) => <A, E, R>(effect: Effect.Effect<A, E, R>) =>
  Effect.orDie(observer`insert into proof_held values (${tenantId}::uuid)`).pipe(
    Effect.andThen(effect),
    Effect.ensuring(Effect.orDie(observer`delete from proof_held where tenant = ${tenantId}::uuid`))
  )
