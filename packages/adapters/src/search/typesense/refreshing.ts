import { Effect } from "effect"
import { documentsOf, type Engine } from "./Engine.ts"
import type { Options } from "./options.ts"
import type { Facts } from "./record.ts"
import { countEach } from "./removal.ts"

/** Documents as they are now, by their id in hex. */
export type Documents = ReadonlyMap<string, Facts>

/**
 * Gives segments that were written earlier the fields that their document has now. Costs one request where there are none, which is nearly
 * always.
 */
export const refresh = Effect.fnUntraced(function*(
  engine: Engine,
  { timeouts }: Options,
  { collection, documents, tenant }: {
    readonly collection: string
    readonly tenant: string
    readonly documents: Documents
  }
) {
  const stale = [...documents].map(([document, facts]) => ({
    facts,
    filter: `(document:=${document} && version:!=${facts.version}) && (tenant:=${tenant})`
  }))
  const counts = yield* countEach(engine, collection, stale.map(({ filter }) => filter))
  yield* Effect.forEach(stale.filter((_, i) => counts[i] !== 0), ({ facts, filter }) =>
    engine.call({
      method: "PATCH",
      path: documentsOf(collection),
      query: { filter_by: filter },
      body: JSON.stringify(facts)
    }, timeouts.write), { discard: true })
})
