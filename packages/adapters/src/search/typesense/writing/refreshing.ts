import { Effect } from "effect"
import { documentsOf, type Engine } from "../Engine.ts"
import type { Failure } from "../Failure.ts"
import type { Options } from "../options.ts"
import type { WrittenFacts } from "../fields/record.ts"
import { countEach } from "./removal.ts"

/**
 * Writes segments, and gives those that were written earlier the fields that their document has now. There are nearly always none of those:
 * then it costs one request, while the others are on their way.
 */
export const refreshing = Effect.fnUntraced(function*(
  engine: Engine,
  { timeouts }: Options,
  { collection, documents, tenant, write }: {
    readonly collection: string
    readonly tenant: string
    /** As they are now, by their id in hex. */
    readonly documents: ReadonlyMap<string, WrittenFacts>
    readonly write: Effect.Effect<void, Failure>
  }
) {
  const others = [...documents].map(([document, facts]) => ({
    facts,
    filter: `(document:=${document} && version:!=${facts.version}) && (tenant:=${tenant})`
  }))
  const count = countEach(engine, collection, others.map(({ filter }) => filter))
  const [counts] = yield* Effect.all([count, write], { concurrency: 2 })
  yield* Effect.forEach(others.filter((_, i) => counts[i] !== 0), ({ facts, filter }) =>
    engine.call({
      method: "PATCH",
      path: documentsOf(collection),
      query: { filter_by: filter },
      body: `{${facts.json}}`
    }, timeouts.write), { discard: true })
})
