import { assert, it } from "@effect/vitest"
import { EventsRepo } from "@sheaf/adapters/repos/events/EventsRepo"
import { TenantId } from "@sheaf/domain/ids"
import { Effect, Layer, Queue } from "effect"
import { SqlClient } from "effect/sql"
import { makeDataset, makeTenant } from "../repos/world.ts"
import * as Database from "../support/database/Database.ts"
import * as NatsServer from "../support/backends/NatsServer.ts"
import { connect, listen, numberEvents, until, worker } from "./support/exchange.ts"
import { live, over } from "./support/world.ts"

it.effect(
  "publishes the events of the others while those of one tenant cannot be read, in whatever process",
  () =>
    Effect.gen(function*() {
      const nats = yield* NatsServer.start()
      const sql = yield* SqlClient.SqlClient
      const events = yield* EventsRepo
      const worlds = yield* Effect.forEach([1, 2, 3], () => makeTenant)
      const [broken, ...sound] = worlds.map(({ tenantId }) => tenantId).sort().map((id) => TenantId.make(id))
      for (const { caller, tenantId } of worlds) {
        const datasetId = yield* makeDataset(caller)
        yield* events.append(tenantId, { _tag: "DatasetCreated", datasetId, name: "handbook" })
      }
      yield* numberEvents
      // As a later version might write it.
      yield* sql`update events set body = '{"_tag":"NobodyKnows"}'::jsonb where tenant_id = ${broken!}`
      const heard = yield* listen(yield* connect(nats.url), "sheaf.events.>")
      yield* Layer.build(Layer.merge(worker(nats, "one"), worker(nats, "two")))
      const tenants = new Set<unknown>()
      while (tenants.size < sound.length) tenants.add((yield* Queue.take(heard)).json["tenant"])
      assert.deepStrictEqual(tenants, new Set<unknown>(sound))
      // Whoever fails lets another try.
      const holders = new Set<string>()
      yield* until(Effect.map(
        sql<{ holder: string }>`select holder from leases where name = 'outcomes'`,
        (rows) => {
          for (const { holder } of rows) holders.add(holder)
          return holders.size === 2
        }
      ))
    }).pipe(Effect.provide(over(Database.pgliteLayer)), live),
  60_000
)
