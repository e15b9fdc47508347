import { Embedder, type EmbedderUnavailable } from "@sheaf/adapters/embedding/Embedder"
import { AnnotationVectorsRepo } from "@sheaf/adapters/repos/annotations/AnnotationVectorsRepo"
import { AppsRepo, type Held } from "@sheaf/adapters/repos/annotations/AppsRepo"
import { JobsRepo } from "@sheaf/adapters/repos/jobs/JobsRepo"
import { newId } from "@sheaf/adapters/repos/newId"
import { JobId, type SpaceId } from "@sheaf/domain/ids"
import { Effect, Option } from "effect"
import * as Stage from "../../pipeline/Stage.ts"
import { ofEmbedder } from "../failures.ts"
import { makeEmbedding } from "./embedding.ts"

type Work = Stage.Work<"IndexAnnotations">

/** Annotations of one transaction: writers of the app wait for it, so it is short. */
const page = 256

/** A job ends after so long and another goes on: so that nobody waits long for a worker. */
const turnMs = 15_000

/** The spaces that an app's annotations have vectors in: the one that answers, and the one that is built beside it. */
const spacesOf = ({ nextSpaceId, spaceId }: Held): ReadonlyArray<SpaceId> =>
  [spaceId, nextSpaceId].filter((id) => id !== null)

const isSame = (a: Held, b: Held) =>
  b.reply && a.epoch === b.epoch && a.spaceId === b.spaceId && a.nextSpaceId === b.nextSpaceId

/**
 * Gives annotations of an app their vectors, page by page; writes are fenced by the app's row, so that what was changed meanwhile still
 * owes its own. When nothing is owed, the app goes over to the space that was built beside, and vectors in spaces that it does not
 * use any more are removed. The last look whether anything is left is taken while the app is held.
 */
export const indexAnnotations = Effect.gen(function*() {
  const apps = yield* AppsRepo
  const embedder = yield* Embedder
  const jobs = yield* JobsRepo
  const { embed, isServed } = yield* makeEmbedding
  const vectors = yield* AnnotationVectorsRepo

  /** One page; false when nothing is owed. What the embedder has given up on waits until all others have had their turn. */
  const indexPage = Effect.fnUntraced(function*(
    { claim, job: { appId }, write }: Work,
    app: Held,
    late: Map<string, EmbedderUnavailable>
  ) {
    const { tenantId } = claim
    const owed = yield* vectors.owing(tenantId, appId, { epoch: app.epoch, limit: page + late.size })
    const owing = owed.filter(({ hash }) => !late.has(hash))
    if (owing.length === 0) {
      const [why] = late.values()
      if (why !== undefined && owed.length > 0) return yield* ofEmbedder(why)
      return false
    }
    const spaces = spacesOf(app)
    if (!spaces.some(isServed)) {
      return yield* new Stage.TryAgain({
        reason: "there is no embedder for the space of an app",
        dependency: "embedder"
      })
    }
    const made = yield* Effect.forEach(
      spaces,
      (spaceId) => Effect.map(embed(tenantId, spaceId, owing), (found) => ({ spaceId, ...found }))
    )
    const settled = owing.filter(({ hash }) => !made.some(({ late }) => late.has(hash)))
    const [trouble] = made.flatMap(({ why }) => why ?? [])
    if (trouble !== undefined && made.every(({ vectors }) => vectors.length === 0)) return yield* ofEmbedder(trouble)
    yield* write(Effect.gen(function*() {
      const held = yield* apps.hold(tenantId, appId)
      // Settings have changed: what is wanted now is seen in the next look.
      if (Option.isNone(held) || !isSame(app, held.value)) return
      const { revision } = held.value
      yield* Effect.forEach(
        made,
        ({ spaceId, vectors: found }) => vectors.save(tenantId, appId, { spaceId, revision, vectors: found }),
        { discard: true }
      )
      yield* vectors.settle(tenantId, settled, app.epoch)
      if (settled.length > 0) yield* jobs.gotFurther(claim)
    }))
    if (trouble !== undefined) {
      for (const one of made) for (const hash of one.late) late.set(hash, trouble)
    }
    return true
  })

  /** Removes a page of vectors that the app does not use; false when there are none. */
  const clearPage = ({ claim: { tenantId }, job: { appId }, write }: Work) =>
    write(Effect.gen(function*() {
      const held = yield* apps.hold(tenantId, appId)
      if (Option.isNone(held)) return false
      const left = yield* vectors.left(tenantId, appId, spacesOf(held.value))
      if (Option.isNone(left)) return false
      yield* vectors.clear(tenantId, appId, { spaceId: left.value, limit: page })
      return true
    }))

  const settle = ({ claim: { lane, tenantId }, job }: Work): Stage.Settlement =>
    Effect.gen(function*() {
      const { appId } = job
      const again = Effect.map(newId(JobId), (id) => [{ id, lane, job }])
      const held = yield* apps.hold(tenantId, appId)
      if (Option.isNone(held) || !held.value.reply) return []
      const { epoch, nextSpaceId } = held.value
      const [owing] = yield* vectors.owing(tenantId, appId, { epoch, limit: 1 })
      if (owing !== undefined) return yield* again
      if (nextSpaceId !== null) {
        yield* apps.setReply(tenantId, appId, { ...held.value, spaceId: nextSpaceId, nextSpaceId: null })
        return yield* again
      }
      return Option.isSome(yield* vectors.left(tenantId, appId, spacesOf(held.value))) ? yield* again : []
    })

  return Stage.make({
    handles: "IndexAnnotations",
    concurrency: 2,
    timeout: "10 minutes",
    awaits: embedder.ready,
    run: Effect.fn("indexAnnotations")(function*(work) {
      const { claim: { tenantId }, elapsed, job: { appId } } = work
      const late = new Map<string, EmbedderUnavailable>()
      let more = true
      while (more && (yield* elapsed) < turnMs) {
        const app = yield* apps.work(tenantId, appId)
        more = Option.isSome(app) && ((yield* indexPage(work, app.value, late)) || (yield* clearPage(work)))
      }
      return settle(work)
    })
  })
})
