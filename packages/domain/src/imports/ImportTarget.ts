import { Schema } from "effect"
import { AppId, DocumentId } from "../ids.ts"

/** Where the rows go: an app gets questions and answers, the published version of a document gets segments. */
export const ImportTarget = Schema.Union([
  Schema.Struct({ appId: AppId }),
  Schema.Struct({ documentId: DocumentId })
])
export type ImportTarget = typeof ImportTarget.Type

/** What rows become. */
export const ImportKind = Schema.Literals(["annotations", "segments"])
export type ImportKind = typeof ImportKind.Type

export const importKindOf = (target: ImportTarget): ImportKind => "appId" in target ? "annotations" : "segments"
