import { Schema } from "effect"
import { Rpc, RpcGroup } from "effect/rpc"
import { BadRequest, Conflict, QuotaExceeded } from "../edge/errors.ts"
import { mutation } from "../edge/mutation.ts"
import { Page, PageFields } from "../edge/page.ts"
import { AnnotationId, AppId } from "../ids.ts"
import { isStorable } from "../text.ts"
import { Annotation, AnnotationOutcome, Answer, IfExists, Question } from "./Annotation.ts"
import { Threshold } from "./App.ts"
import { AnnotationNotFound, AppArchived, AppNotAnswering, AppNotFound } from "./errors.ts"
import { CloseAnnotation, Hit, MatchAnswer, Without } from "./Match.ts"

/** Annotations deleted at a time. */
const maxDeleted = 1_000

const maxSimilar = 20

/** Curated questions and answers of apps. */
export class AnnotationsRpcs extends RpcGroup.make(
  /** Where the question is there already, the answer says what became of it, and shows that annotation. Default `skip`. */
  mutation("AnnotationsCreate", {
    payload: { appId: AppId, question: Question, answer: Answer, ifExists: Schema.optionalKey(IfExists) },
    success: Schema.Struct({
      annotation: Annotation,
      outcome: AnnotationOutcome,
      /** Up to five others that would have been the answer to its question, the closest first. */
      similar: Schema.Array(CloseAnnotation)
    }),
    error: Schema.Union([AppNotFound, AppArchived, QuotaExceeded])
  }),
  Rpc.make("AnnotationsGet", {
    payload: { annotationId: AnnotationId },
    success: Annotation,
    error: AnnotationNotFound
  }),
  /** The newest first. */
  Rpc.make("AnnotationsList", {
    payload: {
      appId: AppId,
      /** In the question or the answer, whatever the case. */
      text: Schema.optionalKey(Schema.String.check(Schema.isBetweenLength(1, 200), isStorable)),
      /** Those whose question others of the app have, too; or those whose question is theirs alone. */
      duplicated: Schema.optionalKey(Schema.Boolean),
      /** Those that never were the answer; or those that were. */
      unused: Schema.optionalKey(Schema.Boolean),
      ...PageFields
    },
    success: Page(Annotation),
    error: Schema.Union([AppNotFound, BadRequest])
  }),
  /** With `ifVersion` only where nobody has changed it since. */
  mutation("AnnotationsUpdate", {
    payload: {
      annotationId: AnnotationId,
      question: Schema.optionalKey(Question),
      answer: Schema.optionalKey(Answer),
      ifVersion: Schema.optionalKey(Schema.Int)
    },
    success: Annotation,
    error: Schema.Union([AnnotationNotFound, AppArchived, Conflict])
  }),
  /** The answer to a question: the best at or above the app's threshold. */
  Rpc.make("AnnotationsMatch", {
    payload: { appId: AppId, question: Question },
    success: MatchAnswer,
    error: Schema.Union([AppNotFound, AppNotAnswering])
  }),
  /** What is close to a question, the closest first; the same words alone while reply is off. */
  Rpc.make("AnnotationsSimilar", {
    payload: {
      appId: AppId,
      question: Question,
      /** The least score. Default: the app's threshold. */
      threshold: Schema.optionalKey(Threshold),
      limit: Schema.optionalKey(Schema.Int.check(Schema.isBetween({ minimum: 1, maximum: maxSimilar })))
    },
    success: Schema.Struct({ items: Schema.Array(CloseAnnotation), without: Schema.optionalKey(Without) }),
    error: AppNotFound
  }),
  /** When it was the answer, the latest first. */
  Rpc.make("AnnotationsHits", {
    payload: { annotationId: AnnotationId, ...PageFields },
    success: Page(Hit),
    error: Schema.Union([AnnotationNotFound, BadRequest])
  }),
  mutation("AnnotationsDelete", {
    payload: {
      appId: AppId,
      annotationIds: Schema.Array(AnnotationId).check(Schema.isBetweenLength(1, maxDeleted))
    },
    success: Schema.Struct({ deleted: Schema.Array(AnnotationId), missing: Schema.Array(AnnotationId) }),
    error: Schema.Union([AppNotFound, AppArchived])
  })
) {}
