import { Effect } from "effect"
import type { Part } from "../health/Health.ts"
import { NatsConnection } from "./NatsConnection.ts"

/** How to look whether NATS answers. Work goes on without it. */
export const natsPart = (active: string): Effect.Effect<Part, never, NatsConnection> =>
  Effect.map(NatsConnection, (nats) => ({
    name: "nats",
    active,
    probe: Effect.map(
      nats.use("look", ({ core, manager }) => manager.getAccountInfo().then(() => core.info?.version)),
      (version) => `nats-server ${version}`
    ),
    remedy: "Check nats-server; work goes on without it, found by looking once a second.",
    optional: true
  }))
