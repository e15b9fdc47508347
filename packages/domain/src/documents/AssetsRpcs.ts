import { Schema } from "effect"
import { Rpc, RpcGroup } from "effect/rpc"
import { BadRequest } from "../edge/errors.ts"
import { Page, PageFields } from "../edge/page.ts"
import { DocumentId, SegmentId } from "../ids.ts"
import { SegmentNotFound } from "../segments/errors.ts"
import { Asset } from "./Asset.ts"
import { DocumentNotFound } from "./errors.ts"

export class AssetsRpcs extends RpcGroup.make(
  /** Pictures and files that were found in a document's published version, or in one of its segments. By their hashes. */
  Rpc.make("AssetsList", {
    payload: {
      documentId: DocumentId,
      /** Only those of what this segment was made from. */
      segmentId: Schema.optionalKey(SegmentId),
      ...PageFields
    },
    success: Page(Asset),
    error: Schema.Union([DocumentNotFound, SegmentNotFound, BadRequest])
  })
) {}
