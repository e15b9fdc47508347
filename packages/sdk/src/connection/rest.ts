import { Data, Effect } from "effect"
import type * as Rest from "../rest.ts"

/** The rest of the client did not come: the page that it is part of has lost its own server. */
export class NotLoaded extends Data.TaggedError("NotLoaded")<{ readonly cause: unknown }> {}

let loaded: typeof Rest | undefined

const load = Effect.tryPromise({
  try: async () => loaded = await import("../rest.ts"),
  catch: (cause) => new NotLoaded({ cause })
})

/** What most pages never need is loaded by its first use. */
export const loadRest: Effect.Effect<typeof Rest, NotLoaded> = Effect.suspend(() =>
  loaded === undefined ? load : Effect.succeed(loaded)
)
