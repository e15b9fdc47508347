import { Effect } from "effect"
import type { Scenario } from "./Scenario.ts"
import * as Steps from "./steps.ts"

export const drift = {
  DriftLook: Effect.fnUntraced(function*(actor) {
    yield* Steps.published(actor)
    return ({ call, client, once }) => call(client.DriftLook({ repair: true, ...once("look") }))
  }),
  DriftLookEverywhere: Effect.fnUntraced(function*(actor) {
    yield* Steps.published(actor)
    return ({ call, client, once }) =>
      call(client.DriftLookEverywhere({ repair: true, ...once("everywhere") }), "operator")
  })
} satisfies Record<string, Scenario>
