import { assert, it } from "@effect/vitest"
import { JobsRepo } from "@sheaf/adapters/repos/jobs/JobsRepo"
import { newId } from "@sheaf/adapters/repos/newId"
import { type ClaimedJob, type JobTag } from "@sheaf/domain/jobs/Job"
import { JobId } from "@sheaf/domain/ids"
import { Clock, Duration, Effect, Layer } from "effect"
import { SqlClient } from "effect/sql"
import { engines, makeDataset, makeDocument, makeTenant } from "../../../../test/repos/world.ts"
import { type Hands, Settle } from "./Settle.ts"

const real = Effect.provideService(Clock.Clock, Clock.Clock.defaultValue())

/** So many hands, and what became of them. */
const handsOf = (number: number) => {
  const state = { busy: 0, begun: Array<ClaimedJob>() }
  const hands: Hands = {
    holder: "w",
    lease: Duration.seconds(30),
    free: () => Effect.sync(() => state.busy < number),
    keep: (_stage: JobTag) => {
      const isFree = state.busy < number
      if (isFree) state.busy++
      return isFree
    },
    begin: (claim) => void state.begun.push(claim),
    giveBack: () => void state.busy--
  }
  return { state, hands }
}

for (const { layer, name } of engines) {
  it.layer(Settle.layer.pipe(Layer.provideMerge(layer)), { timeout: "90 seconds" })(`Settle on ${name}`, (it) => {
    it.effect("keeps one hand for one job, however often the transaction begins again", () =>
      Effect.gen(function*() {
        const jobs = yield* JobsRepo
        const settle = yield* Settle
        const sql = yield* SqlClient.SqlClient
        const { caller, tenantId } = yield* makeTenant
        const owner = yield* makeDocument(caller, yield* makeDataset(caller))
        const job = { _tag: "PurgeRun", version: 1, ...owner } as const
        const made = Effect.map(newId(JobId), (id) => ({ id, lane: "bulk" as const, job }))
        yield* jobs.enqueue(tenantId, [yield* made])
        const [claim] = yield* jobs.claim({
          wants: [{ stage: "PurgeRun", limit: 1 }],
          holder: "w",
          lease: Duration.seconds(30)
        })
        const next = [yield* made]
        // What a sequence has counted is not undone: the first two attempts are given up.
        yield* sql`create sequence attempts`
        yield* sql`create function give_up() returns trigger language plpgsql as $$
          begin
            if nextval('attempts') < 3 then raise exception 'overtaken' using errcode = '40001'; end if;
            return new;
          end $$`
        yield* sql`create trigger give_up before insert on jobs for each row execute function give_up()`
        const { hands, state } = handsOf(5)
        yield* settle.succeed(claim!, Effect.succeed(next), hands)
        assert.deepStrictEqual([state.begun.map(({ id }) => id), state.busy], [[next[0]!.id], 1])
        assert.deepStrictEqual(yield* sql`select nextval('attempts')::int as count`, [{ count: 4 }])
      }).pipe(real))
  })
}
