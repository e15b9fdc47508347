import { AnnotationVectorsRepo, type Followed } from "@sheaf/adapters/repos/annotations/AnnotationVectorsRepo"
import type { AnnotationId, AppId, TenantId } from "@sheaf/domain/ids"
import type { Space } from "@sheaf/domain/spaces/Space"
import { Context, Effect, Layer, Semaphore } from "effect"
import { makeSketches, type Sketches } from "./sketches.ts"

/** Of memory, for all apps of a process. The one that was asked longest ago goes first. */
const room = 256 * 1024 * 1024

/** Vectors read in one statement: what is remembered of them takes some milliseconds. */
const page = 500

interface Entry {
  readonly turn: Semaphore.Semaphore
  sketches: Sketches<AnnotationId>
  followed: Followed
}

const beginning: Followed = { revision: -1, annotationId: null }

/** The app whose vectors are wanted, as the database has it now. */
export interface Wanted {
  readonly tenantId: TenantId
  readonly appId: AppId
  readonly space: Space
  readonly revision: number
  readonly annotations: number
}

/**
 * Vectors of apps that are asked, in memory. They follow the database by the revision of the app, read before: what was written up to then is
 * there. What was deleted since may still be: whoever uses a name looks whether it is there, and says so where it is not.
 */
export class VectorCache extends Context.Service<VectorCache, {
  /** Names of up to 512 annotations that are probably the nearest, the nearest first. */
  readonly nearest: (wanted: Wanted, vector: Float32Array) => Effect.Effect<ReadonlyArray<AnnotationId>>
  /** They are gone. */
  readonly forget: (wanted: Wanted, ids: ReadonlyArray<AnnotationId>) => Effect.Effect<void>
}>()("@sheaf/server/annotations/match/VectorCache") {
  static readonly layer = Layer.effect(
    VectorCache,
    Effect.gen(function*() {
      const vectors = yield* AnnotationVectorsRepo
      const entries = new Map<string, Entry>()

      const nameOf = ({ appId, space, tenantId }: Wanted) => `${tenantId} ${appId} ${space.id}`

      const entryOf = (wanted: Wanted): Entry => {
        const name = nameOf(wanted)
        const entry = entries.get(name) ?? {
          turn: Semaphore.makeUnsafe(1),
          sketches: makeSketches<AnnotationId>(wanted.space.dimension),
          followed: beginning
        }
        // The last that was asked is the last to go.
        entries.delete(name)
        entries.set(name, entry)
        return entry
      }

      const makeRoom = () => {
        let bytes = 0
        for (const { sketches } of entries.values()) bytes += sketches.bytes()
        for (const [name, { sketches }] of entries) {
          if (bytes <= room || entries.size === 1) return
          entries.delete(name)
          bytes -= sketches.bytes()
        }
      }

      const follow = Effect.fnUntraced(
        function*(entry: Entry, { annotations, appId, revision, space, tenantId }: Wanted) {
          // Most of it is of annotations that are gone.
          if (entry.sketches.size() > 2 * annotations + page) {
            entry.sketches = makeSketches(space.dimension)
            entry.followed = beginning
          }
          while (entry.followed.revision < revision) {
            const next = yield* vectors.since(tenantId, appId, {
              spaceId: space.id,
              after: entry.followed,
              limit: page
            })
            for (const { annotationId, vector } of next.vectors) entry.sketches.put(annotationId, vector)
            entry.followed = next.vectors.length === page ? next.followed : { revision, annotationId: null }
          }
          makeRoom()
        }
      )

      const nearest: VectorCache["Service"]["nearest"] = Effect.fn("VectorCache.nearest")(
        function*(wanted, vector) {
          const entry = entryOf(wanted)
          return yield* entry.turn.withPermits(1)(
            Effect.andThen(follow(entry, wanted), Effect.suspend(() => entry.sketches.nearest(vector)))
          )
        }
      )

      const forget: VectorCache["Service"]["forget"] = (wanted, ids) => {
        const entry = entries.get(nameOf(wanted))
        if (entry === undefined) return Effect.void
        return entry.turn.withPermits(1)(Effect.sync(() => {
          for (const id of ids) entry.sketches.remove(id)
        }))
      }

      return VectorCache.of({ nearest, forget })
    })
  )
}
