import { IndexSync } from "@sheaf/adapters/lifecycle/IndexSync"
import { DocumentsRepo } from "@sheaf/adapters/repos/documents/DocumentsRepo"
import { OwedEntriesRepo } from "@sheaf/adapters/repos/segments/OwedEntriesRepo"
import { DocumentDriftRepo } from "@sheaf/adapters/repos/upkeep/DocumentDriftRepo"
import { IndexDriftRepo } from "@sheaf/adapters/repos/upkeep/IndexDriftRepo"
import { SearchIndex } from "@sheaf/adapters/search/SearchIndex"
import { DatasetId, DocumentId, SegmentId, type TenantId } from "@sheaf/domain/ids"
import { Effect } from "effect"
import { ofIndex } from "../../stages/failures.ts"
import type { Check } from "../Check.ts"
import { promptly } from "../promptly.ts"
import { spaceBySpace } from "../spaceBySpace.ts"

/** Entries compared with the rows at a time. */
const page = 250

/** Compares the index with the rows, in both directions. */
export const entryChecks = Effect.gen(function*() {
  const documents = yield* DocumentsRepo
  const index = yield* SearchIndex
  const owed = yield* OwedEntriesRepo
  const repo = yield* IndexDriftRepo
  const segments = yield* DocumentDriftRepo
  const sync = yield* IndexSync

  const spaceOf = (tenantId: TenantId, id: string) =>
    Effect.map(repo.spaces(tenantId), (spaces) => spaces.find((space) => space.id === id))

  const tooMany: Check = {
    look: spaceBySpace(
      repo.spaces,
      Effect.fnUntraced(function*(tenantId, space, after) {
        const found = yield* index.scan(space, tenantId, { limit: page, after: after ?? undefined }).pipe(
          Effect.mapError(ofIndex)
        )
        const entries = new Map(found.entries.map((entry) => [entry.segmentId, entry]))
        const unwanted = yield* repo.unwanted(tenantId, space.id, [...entries.keys()])
        return {
          suspects: unwanted.flatMap(({ id }) => {
            const entry = entries.get(id)
            return entry === undefined
              ? []
              : [{ kind: "entryWithoutSegment", key: [space.id, id, entry.documentId, entry.datasetId] } as const]
          }),
          next: found.next ?? null
        }
      })
    ),
    again: {
      entryWithoutSegment: Effect.fnUntraced(function*({ key, repair, tenantId, write }) {
        const space = yield* spaceOf(tenantId, key[0]!)
        if (space === undefined) return "gone"
        const segmentId = SegmentId.make(key[1]!)
        const documentId = DocumentId.make(key[2]!)
        return yield* write(Effect.gen(function*() {
          // Whoever writes entries of a document takes up its segments under these locks, and whoever moves a dataset has its row.
          yield* owed.removeAlone(documentId)
          yield* documents.lock(tenantId, documentId)
          yield* repo.holdDataset(tenantId, DatasetId.make(key[3]!))
          const [entry] = yield* repo.unwanted(tenantId, space.id, [segmentId])
          const isThere = (yield* promptly(index.present(space, tenantId, [segmentId]))).has(segmentId)
          if (entry === undefined || !isThere) return "gone" as const
          if (!repair) return "found" as const
          if (entry.documentId === null || entry.isElsewhere) {
            yield* promptly(index.remove(space, tenantId, { _tag: "Segments", segmentIds: [segmentId] }))
          } else {
            yield* segments.owe(tenantId, entry.documentId, segmentId, { repair })
            yield* sync.touch(tenantId, entry.documentId, { all: false })
          }
          return "mended" as const
        }))
      })
    }
  }

  const tooFew: Check = {
    look: spaceBySpace(
      repo.spaces,
      Effect.fnUntraced(function*(tenantId, space, after) {
        const { found, next } = yield* repo.wanted(tenantId, space.id, after)
        const present = found.length === 0
          ? new Set<SegmentId>()
          : yield* index.present(space, tenantId, found.map(({ id }) => id)).pipe(Effect.mapError(ofIndex))
        return {
          suspects: found.filter(({ id }) => !present.has(id)).map(({ documentId, id }) => ({
            kind: "segmentWithoutEntry",
            key: [space.id, id, documentId]
          })),
          next
        }
      })
    ),
    again: {
      segmentWithoutEntry: Effect.fnUntraced(function*({ key, repair, tenantId, write }) {
        const space = yield* spaceOf(tenantId, key[0]!)
        if (space === undefined) return "gone"
        const segmentId = SegmentId.make(key[1]!)
        const documentId = DocumentId.make(key[2]!)
        return yield* write(Effect.gen(function*() {
          yield* documents.lock(tenantId, documentId)
          if (!(yield* repo.isWanted(tenantId, space.id, segmentId))) return "gone" as const
          const isThere = (yield* promptly(index.present(space, tenantId, [segmentId]))).has(segmentId)
          if (isThere) return "gone" as const
          if (!repair) return "found" as const
          yield* segments.owe(tenantId, documentId, segmentId, { repair })
          yield* sync.touch(tenantId, documentId, { all: false })
          return "mended" as const
        }))
      })
    }
  }

  return [tooMany, tooFew]
})
