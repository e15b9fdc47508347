import type { Document } from "@sheaf/domain/documents/Document"
import type { DocumentFilter } from "@sheaf/domain/documents/ListFilter"
import type { DocumentSort, FacetCounts, QueuePlace, SortOrder } from "@sheaf/domain/documents/ListsRpcs"
import type { DocumentStatus } from "@sheaf/domain/documents/status"
import type { DocumentId } from "@sheaf/domain/ids"
import { Effect } from "effect"
import type { Calls } from "../connection/Calls.ts"
import type { CallError } from "../connection/rpc.ts"
import type { CallOptions, DatasetRef, Page, PageOptions } from "../options.ts"
import type { Feed } from "../streams/Feed.ts"
import { type ByName, type Datasets, pageOf } from "./Datasets.ts"
import { everyItem } from "./pages.ts"

type OneOrMore<A> = A | ReadonlyArray<A>

/** Which documents, in which order, and what to count besides. All conditions that are given hold. */
export interface DocumentsListOptions
  extends PageOptions, CallOptions, Omit<DocumentFilter, "status" | "mediaType" | "suffix" | "attachedTo">
{
  readonly dataset: DatasetRef
  readonly status?: OneOrMore<DocumentStatus>
  /** As found in the content, like `application/pdf`. */
  readonly mediaType?: OneOrMore<string>
  /** Of the name, without the dot: `pdf`. */
  readonly suffix?: OneOrMore<string>
  /** The id of the document that they were attached to; `null`: those that came by themselves. */
  readonly attachedTo?: string | null
  /** Default `createdAt`. */
  readonly sort?: DocumentSort
  /** Default `asc` for `name`, else `desc`. */
  readonly order?: SortOrder
  /** How many documents fit. */
  readonly withTotal?: boolean
  /** What to count all that fit by: `status`, `mediaType`, `suffix`, `actor`, `metadata.` and a field. At most 8. */
  readonly facets?: ReadonlyArray<string>
  /** Values for each facet, up to 100. Default 20. */
  readonly facetValues?: number
}

/** `facets` are there when they were asked for. */
export interface DocumentsPage extends Page<Document> {
  readonly facets?: ReadonlyArray<FacetCounts>
}

export interface DocumentLists {
  /** One page, newest first if nothing else is said. */
  readonly list: (
    options: DocumentsListOptions
  ) => Effect.Effect<DocumentsPage, CallError<"DocumentsList"> | ByName>
  readonly all: (options: DocumentsListOptions) => Feed<Document, CallError<"DocumentsList"> | ByName>
  /** What is before it, and how long it may take. */
  readonly queue: (documentId: string, options?: CallOptions) => Effect.Effect<QueuePlace, CallError<"DocumentsQueue">>
}

const some = <A>(items: OneOrMore<A>): ReadonlyArray<A> => Array.isArray(items) ? items : [items as A]

export const makeLists = (calls: Calls, datasets: Datasets): DocumentLists => {
  const list: DocumentLists["list"] = (
    { attachedTo, cursor, dataset, limit, mediaType, status, suffix, timeout, ...rest }
  ) =>
    Effect.flatMap(datasets.idOf(dataset), (datasetId) =>
      calls.query("DocumentsList", {
        ...rest,
        datasetId,
        ...(attachedTo !== undefined && { attachedTo: attachedTo as DocumentId | null }),
        ...(status !== undefined && { status: some(status) }),
        ...(mediaType !== undefined && { mediaType: some(mediaType) }),
        ...(suffix !== undefined && { suffix: some(suffix) }),
        ...pageOf({ cursor, limit })
      }, { timeout }))

  return {
    list,
    all: (options) => everyItem(list, options),
    queue: (documentId, options) => calls.query("DocumentsQueue", { documentId: documentId as DocumentId }, options)
  }
}
