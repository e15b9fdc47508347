import { AnnotationsRpcs } from "@sheaf/domain/annotations/AnnotationsRpcs"
import { Authentication } from "@sheaf/domain/edge/middleware"
import { Effect } from "effect"
import { withCaller } from "../edge/withCaller.ts"
import { Annotations } from "./Annotations.ts"
import { Matching } from "./match/Matching.ts"

const group = AnnotationsRpcs.middleware(Authentication)

export const layer = group.toLayer(Effect.gen(function*() {
  const annotations = yield* Annotations
  const matching = yield* Matching
  return group.of({
    AnnotationsCreate: withCaller(annotations.create),
    AnnotationsGet: withCaller(annotations.get),
    AnnotationsList: withCaller(annotations.list),
    AnnotationsUpdate: withCaller(annotations.update),
    AnnotationsDelete: withCaller(annotations.remove),
    AnnotationsHits: withCaller(annotations.hits),
    AnnotationsMatch: withCaller(matching.match),
    AnnotationsSimilar: withCaller(matching.similar)
  })
}))
