import { Data, Effect } from "effect"

/** The rest of the client did not come: the page that it is part of has lost its own server. */
export class NotLoaded extends Data.TaggedError("NotLoaded")<{ readonly cause: unknown }> {}

/** What most pages never need is loaded by its first use. */
export const loadRest = Effect.tryPromise({
  try: () => import("../rest.ts"),
  catch: (cause) => new NotLoaded({ cause })
})
