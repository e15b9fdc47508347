import { Schema } from "effect"
import { Actor } from "../edge/Caller.ts"
import { AnnotationId, AppId } from "../ids.ts"
import { isStorable } from "../text.ts"
import { Timestamp } from "../time.ts"

const isNotBlank = Schema.makeFilter((text: string) => text.trim() !== "" || "text that is not blank")

/** In UTF-16 units, as JavaScript counts. */
export const maxQuestionLength = 2_000
export const maxAnswerLength = 10_000

/** Of one app: matching looks at all of them, in memory. */
export const maxAnnotations = 250_000

export const Question = Schema.String.check(Schema.isMaxLength(maxQuestionLength), isNotBlank, isStorable)

export const Answer = Schema.String.check(Schema.isMaxLength(maxAnswerLength), isNotBlank, isStorable)

export const NewAnnotation = Schema.Struct({ question: Question, answer: Answer })
export type NewAnnotation = typeof NewAnnotation.Type

/**
 * What becomes of an annotation whose question its app has already, but for case, spaces and the marks at its end: it is left out, its answer
 * takes the place of the one that is there (the oldest, where there are several), or both stay.
 */
export const IfExists = Schema.Literals(["skip", "overwrite", "append"])
export type IfExists = typeof IfExists.Type

export const AnnotationOutcome = Schema.Literals(["created", "overwritten", "skipped"])
export type AnnotationOutcome = typeof AnnotationOutcome.Type

/** A question and its answer, put together by hand. */
export class Annotation extends Schema.Class<Annotation>("@sheaf/domain/annotations/Annotation/Annotation")({
  id: AnnotationId,
  appId: AppId,
  question: Question,
  answer: Answer,
  /** Counts changes of question and answer. */
  version: Schema.Int,
  /** It has all the vectors that its app's settings ask for. False while reply is off: then nothing is embedded. */
  indexed: Schema.Boolean,
  /** Others of the app with the same question, but for case, spaces and the marks at its ends. */
  copies: Schema.Int,
  /** How often it was the answer. */
  hits: Schema.Int,
  lastHitAt: Schema.NullOr(Timestamp),
  createdBy: Actor,
  createdAt: Timestamp,
  updatedBy: Actor,
  updatedAt: Timestamp
}) {}
