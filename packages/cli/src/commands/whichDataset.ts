import { Sheaf } from "@sheaf/sdk/effect"
import { Effect, Option } from "effect"

/** Where `ingest` puts documents if nothing is said. */
export const defaultDataset = "default"

/** The dataset that was named; where none was, the only one that there is, or else the default one. */
export const whichDataset = Effect.fnUntraced(function*(named: Option.Option<string>) {
  if (Option.isSome(named)) return named.value
  const { datasets } = yield* Sheaf
  const { items } = yield* datasets.list({ limit: 2 })
  return items.length === 1 ? items[0]!.id : defaultDataset
})
