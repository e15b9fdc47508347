import { DocumentsRpcs } from "@sheaf/domain/documents/DocumentsRpcs"
import { Authentication } from "@sheaf/domain/edge/middleware"
import { Effect } from "effect"
import { streamWithCaller, withCaller } from "../edge/withCaller.ts"
import { Documents } from "./Documents.ts"
import { Progress } from "./Progress.ts"
import { Uploads } from "./Uploads.ts"

const group = DocumentsRpcs.middleware(Authentication)

export const layer = group.toLayer(Effect.gen(function*() {
  const documents = yield* Documents
  const progress = yield* Progress
  const uploads = yield* Uploads
  return group.of({
    DocumentsUpload: withCaller(uploads.begin),
    DocumentsUploadStatus: withCaller(uploads.status),
    DocumentsUploadDirect: withCaller(uploads.direct),
    DocumentsIngestText: withCaller(documents.ingestText),
    DocumentsGet: withCaller(documents.get),
    DocumentsList: withCaller(documents.list),
    DocumentsRuns: withCaller(documents.runs),
    DocumentsWatch: streamWithCaller(progress.watch),
    DocumentsRetry: withCaller(documents.retry),
    DocumentsCancel: withCaller(documents.cancel),
    DocumentsDelete: withCaller(documents.remove)
  })
}))
