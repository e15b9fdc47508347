import { BadRequest } from "@sheaf/domain/edge/errors"
import { Effect, type Option } from "effect"

/** A page of a list; `None` came from a cursor that is not of it. */
export const pageOr = <Page>(found: Effect.Effect<Option.Option<Page>>): Effect.Effect<Page, BadRequest> =>
  found.pipe(
    Effect.flatMap(Effect.fromOption),
    Effect.mapError(() => new BadRequest({ reason: "`cursor` is not of this list. Start again without one." }))
  )
