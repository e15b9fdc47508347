import { Schema } from "effect"
import { DatasetId, MailId } from "../ids.ts"
import { Timestamp } from "../time.ts"

/**
 * - `gathering`: what happens is still added to it
 * - `sending`: it is closed, and tried
 * - `sent`: the mail server took it on
 * - `failed`: it was refused for good, or tried for a day
 */
export const MailState = Schema.Literals(["gathering", "sending", "sent", "failed"])
export type MailState = typeof MailState.Type

/** What somebody is told by mail. */
export const Mail = Schema.Struct({
  /** The part of the `Message-ID` before its `@`: the same for every attempt. */
  id: MailId,
  address: Schema.String,
  /** Of the documents that it tells of; `null` where it tells of something else. */
  datasetId: Schema.NullOr(DatasetId),
  /** How much of each kind it tells of. */
  counts: Schema.Record(Schema.String, Schema.Int),
  /** The first 20. */
  lines: Schema.Array(Schema.String),
  state: MailState,
  tries: Schema.Int,
  /** When it is tried next; `null` where nothing was tried yet, or it is over. */
  nextAt: Schema.NullOr(Timestamp),
  /** Why the last attempt was in vain. */
  problem: Schema.NullOr(Schema.String),
  createdAt: Timestamp,
  finishedAt: Schema.NullOr(Timestamp)
})
export type Mail = typeof Mail.Type
