import { Schema } from "effect"
import { Rpc, RpcGroup } from "effect/rpc"
import { BadRequest } from "../edge/errors.ts"
import { Page, PageFields } from "../edge/page.ts"
import { Timestamp } from "../time.ts"
import { IngestEventId } from "./IngestEvent.ts"
import { IngestOutcome } from "./IngestVerdict.ts"

export const IngestState = Schema.Literals(["accepted", "rejected"])
export type IngestState = typeof IngestState.Type

/** An event that was decided. Kept 30 days: for as long, the same event gets the same answer. */
export const IngestRecord = Schema.Struct({
  eventId: IngestEventId,
  state: IngestState,
  /** Of the document, as the event named it; `null` where it could not be read. */
  name: Schema.NullOr(Schema.String),
  outcome: IngestOutcome,
  receivedAt: Timestamp,
  decidedAt: Timestamp
})
export type IngestRecord = typeof IngestRecord.Type

export class IngestRpcs extends RpcGroup.make(
  /** What other services sent, newest first. The rejected ones are the dead letters: nothing will happen to them any more. */
  Rpc.make("IngestEventsList", {
    payload: { state: Schema.optionalKey(IngestState), ...PageFields },
    success: Page(IngestRecord),
    error: BadRequest
  })
) {}
