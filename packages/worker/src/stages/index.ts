import type { JobTag } from "@sheaf/domain/jobs/Job"
import { Effect } from "effect"
import { acceptAttachments } from "./accept-attachments/acceptAttachments.ts"
import { applyEnablement } from "./apply-enablement/applyEnablement.ts"
import { chunkDocument } from "./chunk-document/chunkDocument.ts"
import { cleanElements } from "./clean-elements/cleanElements.ts"
import { deliver } from "./deliver/deliver.ts"
import { embedSegments } from "./embed-segments/embedSegments.ts"
import { importRows } from "./import-rows/importRows.ts"
import { indexAnnotations } from "./index-annotations/indexAnnotations.ts"
import { indexSegments } from "./index-segments/indexSegments.ts"
import { parsePages } from "./parse-pages/parsePages.ts"
import { reconcile } from "./reconcile/reconcile.ts"
import { publishRun } from "./publish-run/publishRun.ts"
import { purgeApp } from "./purge-app/purgeApp.ts"
import { purgeDataset } from "./purge-dataset/purgeDataset.ts"
import { purgeDocument } from "./purge-document/purgeDocument.ts"
import { purgeTenant } from "./purge-tenant/purgeTenant.ts"
import { purgeRun } from "./purge-run/purgeRun.ts"
import { rebuildSpace } from "./rebuild-space/rebuildSpace.ts"
import { sendMail } from "./send-mail/sendMail.ts"
import { runBulk } from "./run-bulk/runBulk.ts"
import { syncSource } from "./sync-source/syncSource.ts"

/** Every job's stage: a job without one does not compile. A new stage is its folder and its line here. */
export const stages = Effect.all(
  {
    ParsePages: parsePages,
    CleanElements: cleanElements,
    ChunkDocument: chunkDocument,
    EmbedSegments: embedSegments,
    IndexSegments: indexSegments,
    PublishRun: publishRun,
    AcceptAttachments: acceptAttachments,
    PurgeRun: purgeRun,
    RebuildSpace: rebuildSpace,
    ApplyEnablement: applyEnablement,
    IndexAnnotations: indexAnnotations,
    PurgeApp: purgeApp,
    PurgeDocument: purgeDocument,
    PurgeDataset: purgeDataset,
    PurgeTenant: purgeTenant,
    ImportRows: importRows,
    Deliver: deliver,
    SendMail: sendMail,
    Reconcile: reconcile,
    RunBulk: runBulk,
    SyncSource: syncSource
  } satisfies Record<JobTag, unknown>
)
