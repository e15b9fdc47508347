import type { Asset } from "@sheaf/domain/documents/Asset"
import type { DocumentId, SegmentId } from "@sheaf/domain/ids"
import type { Effect } from "effect"
import { millis } from "../connection/Endpoint.ts"
import type { Http, HttpError } from "../connection/Http.ts"
import { retrying } from "../connection/retrying.ts"
import type { CallError } from "../connection/rpc.ts"
import type { CallOptions, Page, PageOptions } from "../options.ts"
import type { Feed } from "../streams/Feed.ts"
import { pageOf } from "./Datasets.ts"
import type { Services } from "./ingest.ts"
import { everyItem } from "./pages.ts"

export interface AssetsListOptions extends PageOptions, CallOptions {
  readonly documentId: string
  /** Only those of what this segment was made from. */
  readonly segmentId?: string
}

/** Pictures and files that were found in documents. */
export interface DocumentAssets {
  /** One page of those of the published version, or of one of its segments. */
  readonly assets: (options: AssetsListOptions) => Effect.Effect<Page<Asset>, CallError<"AssetsList">>
  readonly everyAsset: (options: AssetsListOptions) => Feed<Asset, CallError<"AssetsList">>
  /** The bytes of one, named by its hash. They are what strangers put there: show them as pictures alone. */
  readonly downloadAsset: (
    documentId: string,
    hash: string,
    options?: CallOptions
  ) => Effect.Effect<Response, HttpError>
}

export const makeAssets = ({ calls, endpoint, http }: Services & { readonly http: Http }): DocumentAssets => {
  const assets: DocumentAssets["assets"] = ({ cursor, documentId, limit, segmentId, timeout }) =>
    calls.query("AssetsList", {
      documentId: documentId as DocumentId,
      ...(segmentId !== undefined && { segmentId: segmentId as SegmentId }),
      ...pageOf({ cursor, limit })
    }, timeout === undefined ? {} : { timeout })
  return {
    assets,
    everyAsset: (options) => everyItem(assets, options),
    downloadAsset: (documentId, hash, { timeout } = {}) => {
      const path = `/documents/${encodeURIComponent(documentId)}/assets/${encodeURIComponent(hash)}`
      const limit = timeout === undefined ? {} : { limitMs: millis(timeout) }
      return retrying(path, endpoint, http.send(path, { method: "GET", ...limit }))
    }
  }
}
