import { annotations } from "./annotations.ts"
import { connections } from "./connections.ts"
import { datasets } from "./datasets.ts"
import { documents } from "./documents.ts"
import { drift } from "./drift.ts"
import { imports } from "./imports.ts"
import { pipelines } from "./pipelines.ts"
import type { MutationTag, Scenario } from "./Scenario.ts"
import { syncs } from "./syncs.ts"
import { tenants } from "./tenants.ts"
import { notifications, webhooks } from "./webhooks.ts"

/** One for every operation that changes something: one that is added does not compile without. */
export const mutations: { readonly [Tag in MutationTag]: Scenario } = {
  ...annotations,
  ...connections,
  ...datasets,
  ...documents,
  ...drift,
  ...imports,
  ...pipelines,
  ...syncs,
  ...tenants,
  ...notifications,
  ...webhooks
}
