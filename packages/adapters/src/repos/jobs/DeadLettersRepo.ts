import { type CauseTag, DeadLetter } from "@sheaf/domain/admin/DeadLettersRpcs"
import type { Caller } from "@sheaf/domain/edge/Caller"
import { type DatasetId, type DocumentId, JobId, type PageCursor } from "@sheaf/domain/ids"
import type { JobTag } from "@sheaf/domain/jobs/Job"
import { Context, Effect, Layer, Option, Schema, Struct } from "effect"
import { SqlClient } from "effect/sql"
import { type PageOptions, visibleDatasets } from "../datasets/DatasetsRepo.ts"
import { CursorInstant, decodeCursor, encodeCursor } from "../pageCursor.ts"
import { rows } from "../rows.ts"

export interface DeadLetterConditions {
  readonly jobIds?: ReadonlyArray<JobId>
  readonly stage?: JobTag
  readonly cause?: CauseTag
  readonly datasetId?: DatasetId
  readonly documentId?: DocumentId
}

const Row = Schema.Struct(DeadLetter.fields).mapFields(
  Struct.assign({ createdAt: Schema.Date, diedAt: Schema.Date, died: Schema.String })
)

/** Jobs that were given up, of documents that a caller may see. (Deletions have no dead letters: they are never given up.) */
export class DeadLettersRepo extends Context.Service<DeadLettersRepo, {
  /** Those given up last come first; `None` for a cursor that is not of this list. */
  readonly list: (caller: Caller, options: PageOptions & DeadLetterConditions) => Effect.Effect<
    Option.Option<{ readonly items: ReadonlyArray<DeadLetter>; readonly next?: PageCursor }>
  >
}>()("@sheaf/adapters/repos/jobs/DeadLettersRepo") {
  static readonly layer = Layer.effect(
    DeadLettersRepo,
    Effect.gen(function*() {
      const sql = yield* SqlClient.SqlClient
      const page = rows(Row)
      const Position = Schema.Tuple([CursorInstant, JobId])
      const list: DeadLettersRepo["Service"]["list"] = Effect.fn("DeadLettersRepo.list")(function*(caller, options) {
        const { cause, cursor, datasetId, documentId, jobIds, limit = 50, stage } = options
        const after = decodeCursor(Position, cursor)
        if (Option.isNone(after)) return Option.none()
        // A process of the release before does not say when it gives a job up.
        const died = sql`coalesce(j.died_at, j.created_at)`
        const found = yield* page(sql`
          select j.id as job_id, j.stage, j.lane, d.dataset_id, d.id as document_id, d.name as document_name, j.run_id,
            j.cause, j.attempts, j.losses, j.created_at, ${died} as died_at, ${died}::text as died
          from jobs j
          join documents d on d.tenant_id = j.tenant_id and d.id = j.document_id and not d.deleting
          join datasets ds on ds.tenant_id = d.tenant_id and ds.id = d.dataset_id
          where j.tenant_id = ${caller.tenantId} and j.state = 'dead' and j.run_id is not null
            and ${visibleDatasets(sql, caller)}
            ${jobIds === undefined ? sql`` : sql`and j.id = any(${[...jobIds]}::uuid[])`}
            ${stage === undefined ? sql`` : sql`and j.stage = ${stage}`}
            ${cause === undefined ? sql`` : sql`and j.cause ->> '_tag' = ${cause}`}
            ${datasetId === undefined ? sql`` : sql`and d.dataset_id = ${datasetId}`}
            ${documentId === undefined ? sql`` : sql`and d.id = ${documentId}`}
            ${
          after.value === undefined
            ? sql``
            : sql`and (${died}, j.id) < (${after.value[0]}::timestamptz, ${after.value[1]}::uuid)`
        }
          order by ${died} desc, j.id desc limit ${limit + 1}`)
        const shown = found.slice(0, limit)
        const last = shown.at(-1)
        return Option.some({
          items: shown.map(({ died: _text, ...letter }) => new DeadLetter(letter)),
          ...(found.length > limit && last !== undefined && { next: encodeCursor(Position, [last.died, last.jobId]) })
        })
      })
      return DeadLettersRepo.of({ list })
    })
  )
}
