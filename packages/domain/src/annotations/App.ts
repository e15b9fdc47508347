import { Schema } from "effect"
import { Actor } from "../edge/Caller.ts"
import { AppId } from "../ids.ts"
import { Space } from "../spaces/Space.ts"
import { isStorable } from "../text.ts"
import { Timestamp } from "../time.ts"

export const AppName = Schema.String.check(Schema.isBetweenLength(1, 120), Schema.isTrimmed(), isStorable)

export const AppDescription = Schema.String.check(Schema.isMaxLength(2_000), isStorable)

/** From 0 (unrelated) to 1 (the same question). */
export const Threshold = Schema.Finite.check(Schema.isBetween({ minimum: 0, maximum: 1 }))

/** What an app has when its maker says nothing else. */
export const defaultThreshold = 0.85

/** Whether and how questions are answered. */
export const Reply = Schema.Struct({
  /** Off: nothing is matched, and nothing is embedded. */
  enabled: Schema.Boolean,
  /** The least score of an answer. */
  threshold: Threshold,
  /** Where questions are compared; `null` as long as reply has never been on. */
  space: Schema.NullOr(Space),
  /** The space that is built beside it, and takes over when it is complete. */
  next: Schema.NullOr(Space),
  /** Annotations whose vectors are not there yet; they are matched by their words alone. 0 while reply is off. */
  owed: Schema.Int
})
export type Reply = typeof Reply.Type

/** What has curated answers of its own: a chat, a help page. */
export class App extends Schema.Class<App>("@sheaf/domain/annotations/App/App")({
  id: AppId,
  name: AppName,
  description: AppDescription,
  /** Kept as it is: it answers nothing and takes no changes until it is taken back. */
  archived: Schema.Boolean,
  /** Exact. */
  annotations: Schema.Int,
  reply: Reply,
  createdBy: Actor,
  createdAt: Timestamp
}) {}
