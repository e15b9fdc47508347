import { DocumentDetailsRpcs } from "@sheaf/domain/documents/DocumentDetailsRpcs"
import { Authentication } from "@sheaf/domain/edge/middleware"
import { Effect } from "effect"
import { withCaller } from "../edge/withCaller.ts"
import { DocumentDetails } from "./DocumentDetails.ts"
import { Uploads } from "./uploads/Uploads.ts"

const group = DocumentDetailsRpcs.middleware(Authentication)

export const layer = group.toLayer(Effect.gen(function*() {
  const details = yield* DocumentDetails
  const uploads = yield* Uploads
  return group.of({
    DocumentsRename: withCaller(details.rename),
    DocumentsSetMetadata: withCaller(details.setMetadata),
    DocumentsReplace: withCaller(uploads.replace)
  })
}))
