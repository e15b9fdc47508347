import { IndexSync } from "@sheaf/adapters/lifecycle/IndexSync"
import { DocumentsRepo } from "@sheaf/adapters/repos/documents/DocumentsRepo"
import { DocumentDriftRepo } from "@sheaf/adapters/repos/upkeep/DocumentDriftRepo"
import { IndexDriftRepo } from "@sheaf/adapters/repos/upkeep/IndexDriftRepo"
import { SearchIndex } from "@sheaf/adapters/search/SearchIndex"
import { speaks } from "@sheaf/adapters/text/language"
import { DocumentId, SegmentId, type TenantId } from "@sheaf/domain/ids"
import type { Space } from "@sheaf/domain/spaces/Space"
import { Effect } from "effect"
import { randomUUID } from "node:crypto"
import { ofIndex } from "../../stages/failures.ts"
import { type Check, verdict } from "../Check.ts"
import { isSameVector, readVector } from "../isSameVector.ts"
import { promptly } from "../promptly.ts"
import { spaceBySpace } from "../spaceBySpace.ts"

/**
 * Pages of segments whose vectors are read in one look, in each space: to read all of them every hour would cost more than it is worth.
 * After the first page, which is all that most tenants have, a look goes on anywhere: ids are as good as random, so all have their turn.
 */
const pages = 4

/** After which segment a look goes on, and how many pages are left. */
const positionOf = (cursor: string | null): readonly [after: string | null, left: number] => {
  if (cursor === null) return [null, pages]
  const [after = "", left = ""] = cursor.split(" ")
  return [after, Number(left)]
}

/** Compares the vectors that entries are found by with those that were made of their texts. */
export const vectorChecks = Effect.gen(function*() {
  const documents = yield* DocumentsRepo
  const drift = yield* DocumentDriftRepo
  const index = yield* SearchIndex
  const repo = yield* IndexDriftRepo
  const sync = yield* IndexSync

  /** Those of the segments whose vector is no vector, or another one in the index. */
  const wrong = Effect.fnUntraced(function*(tenantId: TenantId, space: Space, segmentIds: ReadonlyArray<SegmentId>) {
    const stored = yield* repo.stored(tenantId, space.id, segmentIds)
    // One in a language that the embedder does not speak has none in the index, whoever else has the same text.
    const spoken = stored.filter(({ language }) => speaks(space.languages, language))
    const given = new Map(spoken.map(({ id, vector }) => [id, readVector(vector, space.dimension)]))
    const usable = [...given].flatMap(([id, vector]) => vector === null ? [] : [id])
    const found = usable.length === 0
      ? new Map<SegmentId, Float32Array | null>()
      : yield* index.vectors(space, tenantId, usable)
    return [...given].flatMap(([id, vector]) => {
      if (vector === null) return [{ id, isUnusable: true }]
      // One without an entry is somebody else's finding.
      const other = found.get(id)
      return other === undefined || isSameVector(vector, other) ? [] : [{ id, isUnusable: false }]
    })
  })

  const sample: Check = {
    look: spaceBySpace(
      repo.spaces,
      Effect.fnUntraced(function*(tenantId, space, cursor) {
        const [after, left] = positionOf(cursor)
        const { found, next } = yield* repo.wanted(tenantId, space.id, after)
        const off = yield* Effect.mapError(wrong(tenantId, space, found.map(({ id }) => id)), ofIndex)
        const ofDocument = new Map(found.map(({ documentId, id }) => [id, documentId]))
        return {
          suspects: off.map(({ id }) => ({ kind: "wrongVector" as const, key: [space.id, id, ofDocument.get(id)!] })),
          next: next === null || left <= 1 ? null : `${after === null ? randomUUID() : next} ${left - 1}`
        }
      })
    ),
    again: {
      wrongVector: Effect.fnUntraced(function*({ key, repair, tenantId, write }) {
        const space = (yield* repo.spaces(tenantId)).find(({ id }) => id === key[0])
        if (space === undefined) return "gone"
        const segmentId = SegmentId.make(key[1]!)
        const documentId = DocumentId.make(key[2]!)
        return yield* write(Effect.gen(function*() {
          yield* documents.lock(tenantId, documentId)
          if (!(yield* repo.isWanted(tenantId, space.id, segmentId))) return "gone" as const
          const [off] = yield* promptly(wrong(tenantId, space, [segmentId]))
          if (off === undefined || !repair) return verdict(off !== undefined, repair)
          // What is no vector is made again, from the text; an entry is written again, from the vector.
          if (off.isUnusable) yield* repo.forgetVector(tenantId, space.id, segmentId)
          yield* drift.owe(tenantId, documentId, segmentId, { repair })
          yield* sync.touch(tenantId, documentId, { all: false })
          return "mended" as const
        }))
      })
    }
  }

  return [sample]
})
