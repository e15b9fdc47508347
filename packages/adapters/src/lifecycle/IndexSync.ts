import { DatasetId, type DocumentId, JobId, type TenantId } from "@sheaf/domain/ids"
import { Context, Effect, Layer, Option, Schema } from "effect"
import { SqlClient } from "effect/sql"
import { JobsRepo } from "../repos/jobs/JobsRepo.ts"
import { newId } from "../repos/newId.ts"
import { maybeRow, oneRow } from "../repos/rows.ts"

/**
 * Sees to it that the search index follows the rows. A segment has an entry if and only if it and its document are enabled, the document
 * is neither archived nor being deleted, and its published version (or one that is being built) holds it. Readers never rely on that.
 */
export class IndexSync extends Context.Service<IndexSync, {
  /**
   * Something has changed that the index must follow; part of a transaction that holds the document's lock. Answers the document's new
   * generation: the index agrees once the document is `synced` up to it.
   *
   * What is owed then are the segments whose `index_state` is not `in_sync` (set it to `pending`, and count up `version`), also those that
   * no version holds any more; and in any case what the index knows of the document itself (name, type, metadata). `all`: every segment
   * is owed, because the flags of the document have changed.
   */
  readonly touch: (
    tenantId: TenantId,
    documentId: DocumentId,
    options: { readonly all: boolean }
  ) => Effect.Effect<number>
  /** The same, where nothing has changed that anybody waits for: entries may be there that must not be. */
  readonly owe: (
    tenantId: TenantId,
    document: { readonly datasetId: DatasetId; readonly documentId: DocumentId }
  ) => Effect.Effect<void>
}>()("@sheaf/adapters/lifecycle/IndexSync") {
  static readonly layer = Layer.effect(
    IndexSync,
    Effect.gen(function*() {
      const jobs = yield* JobsRepo
      const sql = yield* SqlClient.SqlClient

      const owing = oneRow(Schema.Struct({ isOwed: Schema.Boolean }))
      // One job a document, so that nothing of it is written to the index by two at a time: it is made and ends under the document's lock,
      // and before it ends it looks whether there is anything left. What was put off is due: it may work now.
      const owe: IndexSync["Service"]["owe"] = Effect.fn("IndexSync.owe")(
        function*(tenantId, { datasetId, documentId }) {
          const ofDocument = sql`tenant_id = ${tenantId} and document_id = ${documentId} and stage = 'ApplyEnablement'`
          const { isOwed } = yield* owing(sql`with due as (
              update jobs set not_before = now() where ${ofDocument} and state = 'ready' and not_before > now() returning 1
            )
            select exists (select 1 from jobs where ${ofDocument} and state <> 'dead') as is_owed
            from (select count(*) from due) counted`)
          if (isOwed) return
          yield* jobs.enqueue(tenantId, [{
            id: yield* newId(JobId),
            lane: "interactive",
            job: { _tag: "ApplyEnablement", version: 1, datasetId, documentId }
          }])
        }
      )

      const touched = maybeRow(Schema.Struct({ datasetId: DatasetId, generation: Schema.Int }))
      const touch: IndexSync["Service"]["touch"] = Effect.fn("IndexSync.touch")(
        function*(tenantId, documentId, { all }) {
          const document = yield* touched(sql`update documents set generation = generation + 1, updated_at = now(),
              reindexed = case when ${all} then generation + 1 else reindexed end
            where tenant_id = ${tenantId} and id = ${documentId} returning dataset_id, generation`)
          if (Option.isNone(document)) return 0
          yield* owe(tenantId, { ...document.value, documentId })
          return document.value.generation
        }
      )

      return IndexSync.of({ touch, owe })
    })
  )
}
