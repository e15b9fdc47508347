import { DatasetId, DocumentId, SegmentId, type TenantId } from "@sheaf/domain/ids"
import { Effect, Schema } from "effect"
import type { IndexedSegment, ScannedPage, ScanOptions } from "../../SearchIndex.ts"
import type { Engine } from "../Engine.ts"
import { type Failure, malformed } from "../Failure.ts"
import { hexOf, segmentIdOf, uuidOf } from "../fields/hex.ts"
import { orWhereMissing, type Place } from "../writing/removal.ts"
import { limitedTo } from "./scope.ts"
import { checked } from "./statistics.ts"

/** The server gives no larger pages. */
const largestPage = 250

const Hits = Schema.Struct({
  hits: Schema.Array(Schema.Struct({
    document: Schema.Struct({
      id: Schema.String,
      dataset: Schema.String,
      document: Schema.String,
      length: Schema.Int
    })
  }))
})
const decodeHits = Schema.decodeUnknownEffect(Hits)

/** A page of the entries of one collection that are at least so long. */
interface Position {
  readonly collection: string
  readonly length: number
  readonly page: number
}

const positionOf = (cursor: string | undefined): Position => {
  const [collection = "", length = "0", page = "1"] = (cursor ?? "").split(" ")
  return { collection, length: Number(length) || 0, page: Number(page) || 1 }
}

const cursorOf = ({ collection, length, page }: Position) => `${collection} ${length} ${page}`

type Found = typeof Hits.Type["hits"][number]["document"]

const entryOf = (document: Found): IndexedSegment => ({
  segmentId: SegmentId.make(segmentIdOf(document.id)),
  datasetId: DatasetId.make(uuidOf(document.dataset)),
  documentId: DocumentId.make(uuidOf(document.document))
})

/**
 * Entries of a tenant from the shortest to the longest: the only order of the engine that a filter can go on from. Pages are counted only
 * among entries of the same length, so that none lies deep. Of those an entry can be passed over when others of its length are removed
 * at that moment: the next scan has it.
 */
export const scanPage = Effect.fnUntraced(function*(
  engine: Engine,
  places: ReadonlyArray<Place>,
  tenantId: TenantId,
  { after, limit }: ScanOptions
): Effect.fn.Return<ScannedPage, Failure> {
  const given = positionOf(after)
  // A collection that was replaced meanwhile: what is in its successor is looked at from the beginning.
  const at = Math.max(0, places.findIndex(({ collection }) => collection === given.collection))
  const place = places[at]
  if (place === undefined) return { entries: [], next: undefined }
  const { length, page } = place.collection === given.collection ? given : { length: 0, page: 1 }
  const size = Math.min(limit, largestPage)
  const search = {
    collection: place.collection,
    q: "*",
    filter_by: limitedTo(`length:>=${length}`, `(tenant:=${hexOf(tenantId)})`),
    sort_by: "length:asc",
    include_fields: "id,dataset,document,length",
    per_page: size,
    page
  }
  const found = engine.multiSearch([search]).pipe(
    Effect.flatMap(([result]) => checked(result)),
    Effect.flatMap((answer) => Effect.mapError(decodeHits(answer), () => malformed("a page of entries"))),
    Effect.map((page): ReadonlyArray<Found> => page.hits.map(({ document }) => document))
  )
  const hits = yield* orWhereMissing<ReadonlyArray<Found>>(place, [])(found)
  const last = hits.at(-1)
  const following = places[at + 1]
  const next = hits.length === size && last !== undefined
    ? {
      collection: place.collection,
      ...(last.length > length ? { length: last.length, page: 1 } : { length, page: page + 1 })
    }
    : following === undefined
    ? undefined
    : { collection: following.collection, length: 0, page: 1 }
  return { entries: hits.map(entryOf), next: next && cursorOf(next) }
})
