import { DocumentNotFound } from "@sheaf/domain/documents/errors"
import { Conflict } from "@sheaf/domain/edge/errors"
import type { DocumentChange } from "@sheaf/domain/events/changes"
import type { DocumentId, SegmentId } from "@sheaf/domain/ids"
import { Context, Effect, Layer, Option } from "effect"
import { EnablementRepo, type Flags } from "../repos/documents/EnablementRepo.ts"
import { SegmentsRepo } from "../repos/segments/SegmentsRepo.ts"
import { EventsRepo } from "../repos/events/EventsRepo.ts"
import type { By } from "./By.ts"
import { IndexSync } from "./IndexSync.ts"

interface Named {
  readonly documentId: DocumentId
  /** The version of the document that the caller knows. */
  readonly ifVersion?: number
}

interface NamedSegments {
  readonly documentId: DocumentId
  readonly segmentIds: ReadonlyArray<SegmentId>
  /** The version of the segment that the caller knows, where there is but one. */
  readonly ifVersion?: number
}

/** `generation`: the index follows when it has seen this generation of the document. */
interface Changed {
  readonly changed: boolean
  readonly generation: number
}

interface ChangedSegments {
  /** How many had the flag otherwise. */
  readonly changed: number
  /** Not in the published version. */
  readonly missing: ReadonlyArray<SegmentId>
  readonly generation: number
}

type Refused = DocumentNotFound | Conflict

/**
 * What readers may see, as their owners say. A segment is seen if its own flag and both of its document's let it; setting one never
 * touches another. Setting what is set is fine, and changes nothing. Every method is part of the caller's transaction: readers see
 * nothing that is hidden from its commit on, whatever the index holds.
 */
export class Enablement extends Context.Service<Enablement, {
  readonly enable: (by: By, document: Named) => Effect.Effect<Changed, Refused>
  readonly disable: (by: By, document: Named) => Effect.Effect<Changed, Refused>
  readonly archive: (by: By, document: Named) => Effect.Effect<Changed, Refused>
  readonly unarchive: (by: By, document: Named) => Effect.Effect<Changed, Refused>
  readonly enableSegments: (by: By, segments: NamedSegments) => Effect.Effect<ChangedSegments, Refused>
  readonly disableSegments: (by: By, segments: NamedSegments) => Effect.Effect<ChangedSegments, Refused>
}>()("@sheaf/adapters/lifecycle/Enablement") {
  static readonly layer = Layer.effect(
    Enablement,
    Effect.gen(function*() {
      const events = yield* EventsRepo
      const repo = yield* EnablementRepo
      const segments = yield* SegmentsRepo
      const sync = yield* IndexSync

      const hold = Effect.fnUntraced(function*({ tenantId }: By, documentId: DocumentId) {
        const found = yield* repo.lock(tenantId, documentId)
        if (Option.isNone(found)) return yield* new DocumentNotFound({ documentId })
        return found.value
      })

      const setFlag = (change: DocumentChange, flag: Partial<Pick<Flags, "archived" | "enabled">>) =>
        Effect.fn("Enablement.setFlag")(function*(by: By, { documentId, ifVersion }: Named) {
          const { tenantId } = by
          const before = yield* hold(by, documentId)
          if (ifVersion !== undefined && ifVersion !== before.version) {
            return yield* new Conflict({ currentVersion: before.version })
          }
          const after = { ...before, ...flag }
          if (after.enabled === before.enabled && after.archived === before.archived) {
            return { changed: false, generation: before.generation }
          }
          yield* repo.setDocument(tenantId, documentId, after)
          const generation = isEffective(after) === isEffective(before)
            ? before.generation
            : yield* sync.touch(tenantId, documentId, { all: true })
          const { datasetId } = before
          yield* events.append(tenantId, { _tag: "DocumentChanged", datasetId, documentId, changes: [change] })
          return { changed: true, generation }
        })

      const setSegments = (enabled: boolean) =>
        Effect.fn("Enablement.setSegments")(function*(by: By, { documentId, ifVersion, segmentIds }: NamedSegments) {
          const { actor, tenantId } = by
          const { datasetId, generation, publishedRunId: runId } = yield* hold(by, documentId)
          if (runId === null) return { changed: 0, missing: [...new Set(segmentIds)], generation }
          const [only] = segmentIds
          if (ifVersion !== undefined && only !== undefined) {
            const version = yield* repo.segmentVersion(tenantId, runId, only)
            if (Option.isSome(version) && version.value !== ifVersion) {
              return yield* new Conflict({ currentVersion: version.value })
            }
          }
          const { changed, missing } = yield* repo.setSegments(tenantId, documentId, {
            runId,
            segmentIds: yield* segments.withChildren(tenantId, runId, segmentIds),
            enabled,
            actor
          })
          if (changed === 0) return { changed, missing, generation }
          yield* events.append(tenantId, {
            _tag: "SegmentsChanged",
            datasetId,
            documentId,
            change: enabled ? "enabled" : "disabled",
            count: changed
          })
          return { changed, missing, generation: yield* sync.touch(tenantId, documentId, { all: false }) }
        })

      return Enablement.of({
        enable: setFlag("enabled", { enabled: true }),
        disable: setFlag("disabled", { enabled: false }),
        archive: setFlag("archived", { archived: true }),
        unarchive: setFlag("unarchived", { archived: false }),
        enableSegments: setSegments(true),
        disableSegments: setSegments(false)
      })
    })
  )
}

const isEffective = ({ archived, enabled }: Flags): boolean => enabled && !archived
