import type { SpaceId } from "@sheaf/domain/ids"
import { Context, Effect, Option } from "effect"
import { Embedder } from "./Embedder.ts"

type Service = Embedder["Service"]

/** Embedders of spaces that datasets are moved away from. Nobody needs them, so nobody has to provide them. */
export const previousEmbedders = Context.Reference<ReadonlyArray<Service>>(
  "@sheaf/adapters/embedding/Embedders/previousEmbedders",
  { defaultValue: () => [] }
)

export interface Embedders {
  /** The one that new datasets are made for. */
  readonly own: Service
  /** Its own first. */
  readonly all: ReadonlyArray<Service>
  /** The one that makes vectors of a space: vectors of another must never be mixed in. */
  readonly find: (spaceId: SpaceId) => Option.Option<Service>
}

/** The embedders of this process, by the spaces that they make vectors of. */
export const embedders = Effect.gen(function*() {
  const own = yield* Embedder
  const all = [own, ...yield* previousEmbedders]
  return {
    own,
    all,
    find: (spaceId) => Option.fromUndefinedOr(all.find(({ space }) => space.id === spaceId))
  } satisfies Embedders
})
