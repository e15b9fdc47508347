import { Schema } from "effect"
import { Actor } from "../edge/Caller.ts"
import { Timestamp } from "../time.ts"
import { Annotation } from "./Annotation.ts"

/** An annotation whose question is close to one that was asked. */
export const CloseAnnotation = Schema.Struct({
  annotation: Annotation,
  /** From 0 (unrelated) to 1 (the same): the cosine of both questions, of which what unrelated texts reach in the space is 0. */
  score: Schema.Finite,
  /** `words`: the question is the same, but for case, spaces and marks. `meaning`: its vector is close. */
  by: Schema.Literals(["words", "meaning"])
})
export type CloseAnnotation = typeof CloseAnnotation.Type

/** Why vectors were not compared: there is no embedder for the app's space or it is down; or it does not speak the question's language. */
export const Without = Schema.Literals(["embedder", "language"])
export type Without = typeof Without.Type

export const MatchAnswer = Schema.Struct({
  /** The best at or above the app's threshold. */
  best: Schema.NullOr(CloseAnnotation),
  /** The score of the nearest where none is above the threshold; `null` where there is none. */
  nearest: Schema.NullOr(Schema.Finite),
  /** Only the same words were looked for. */
  without: Schema.optionalKey(Without)
})
export type MatchAnswer = typeof MatchAnswer.Type

const uuid = Schema.String.check(Schema.isUUID())

/** An annotation was the answer. Kept 90 days. */
export class Hit extends Schema.Class<Hit>("@sheaf/domain/annotations/Match/Hit")({
  id: uuid,
  /** As it was asked. */
  question: Schema.String,
  score: Schema.Finite,
  /** Who asked. */
  actor: Actor,
  at: Timestamp
}) {}
