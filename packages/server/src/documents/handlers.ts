import { DocumentsRpcs } from "@sheaf/domain/documents/DocumentsRpcs"
import { Authentication } from "@sheaf/domain/edge/middleware"
import { Effect } from "effect"
import { streamWithCaller, withCaller } from "../edge/withCaller.ts"
import { Arrivals } from "./Arrivals.ts"
import { Documents } from "./Documents.ts"
import { Progress } from "./Progress.ts"
import { Uploads } from "./uploads/Uploads.ts"

const group = DocumentsRpcs.middleware(Authentication)

export const layer = group.toLayer(Effect.gen(function*() {
  const arrivals = yield* Arrivals
  const documents = yield* Documents
  const progress = yield* Progress
  const uploads = yield* Uploads
  return group.of({
    DocumentsUpload: withCaller(uploads.begin),
    DocumentsUploadStatus: withCaller(uploads.status),
    DocumentsUploadDirect: withCaller(uploads.direct),
    DocumentsIngestText: withCaller(arrivals.ingestText),
    DocumentsGet: withCaller(documents.get),
    DocumentsWatch: streamWithCaller(progress.watch),
    DocumentsDelete: withCaller(documents.remove)
  })
}))
