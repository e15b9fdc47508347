import { mutations } from "./mutations.ts"
import { pipeline } from "./pipeline.ts"
import type { Scenario } from "./Scenario.ts"
import { deliveries } from "./webhooks.ts"

/** Everything whose end must not depend on who dies on the way. */
export const operations: Readonly<Record<string, Scenario>> = { ...mutations, ...pipeline, ...deliveries }
