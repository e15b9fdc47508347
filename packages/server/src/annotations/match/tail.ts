import type { Embedder } from "@sheaf/adapters/embedding/Embedder"
import { AnnotationVectorsRepo } from "@sheaf/adapters/repos/annotations/AnnotationVectorsRepo"
import { guessLanguage, speaks } from "@sheaf/adapters/text/language"
import type { AnnotationId } from "@sheaf/domain/ids"
import { Effect } from "effect"
import type { Wanted } from "./VectorCache.ts"

/** More owe vectors after an import, or while an app is indexed for the first time: those are matched by their words until it is done. */
const most = 16

/** Nobody waits longer for them. */
const patience = "300 millis"

/** Vectors that are remembered until the job has written them. */
const remembered = 256

interface Late {
  readonly id: AnnotationId
  readonly vector: Float32Array
}

/** The vectors of annotations that were written a moment ago and have none yet: made here, where there are few. */
export const makeTail = Effect.gen(function*() {
  const vectors = yield* AnnotationVectorsRepo
  const known = new Map<string, Float32Array>()

  const remember = (name: string, vector: Float32Array) => {
    known.set(name, vector)
    for (const old of known.keys()) {
      if (known.size <= remembered) break
      known.delete(old)
    }
  }

  return Effect.fnUntraced(function*(
    { appId, epoch, space, tenantId }: Wanted & { readonly epoch: number },
    embedder: Embedder["Service"]
  ) {
    const owing = yield* vectors.owing(tenantId, appId, { epoch, limit: most + 1 })
    if (owing.length > most) return []
    const nameOf = (hash: string) => `${tenantId} ${space.id} ${hash}`
    const missing = owing.filter(({ hash, question }) =>
      !known.has(nameOf(hash)) && speaks(space.languages, guessLanguage(question))
    )
    if (missing.length > 0) {
      yield* embedder.embedDocuments(missing.map(({ question }) => question)).pipe(
        Effect.map((made) => made.forEach((vector, at) => remember(nameOf(missing[at]!.hash), vector))),
        Effect.timeout(patience),
        // The job that owes them goes on trying, and says why where it cannot.
        Effect.ignore
      )
    }
    return owing.flatMap(({ hash, id }): ReadonlyArray<Late> => {
      const vector = known.get(nameOf(hash))
      return vector === undefined ? [] : [{ id, vector }]
    })
  })
})
