import type { IfExists } from "@sheaf/domain/annotations/Annotation"
import { Actor, Caller } from "@sheaf/domain/edge/Caller"
import { ImportId, type PageCursor, type Sha256, type TenantId } from "@sheaf/domain/ids"
import { Import, type ImportReading, ImportRow, type ImportRowState } from "@sheaf/domain/imports/Import"
import { importKindOf, type ImportTarget } from "@sheaf/domain/imports/ImportTarget"
import { Context, Effect, Layer, Option, Schema } from "effect"
import { SqlClient } from "effect/sql"
import { ownerOf, type PageOptions } from "../datasets/DatasetsRepo.ts"
import { CursorCount, CursorInstant, decodeCursor, encodeCursor } from "../pageCursor.ts"
import { done, json, maybeRow, oneRow, rows } from "../rows.ts"
import { importColumns, ImportRecord, targetIdOf, toImport } from "./importRow.ts"

const encode = {
  actor: Schema.encodeSync(Actor),
  caller: Schema.encodeSync(Schema.toCodecJson(Caller))
}

/** The file of an import on its way. */
const Upload = Schema.Struct({
  state: Import.fields.state,
  name: Schema.String,
  /** Bytes that it is to have, where that was said. */
  announced: Schema.NullOr(Schema.Finite),
  size: Schema.NullOr(Schema.Finite),
  expiresAt: Schema.Date
})
export type ImportUpload = typeof Upload.Type

interface RowsOptions extends PageOptions {
  readonly importId: ImportId
  readonly state?: ReadonlyArray<ImportRowState>
}

/** Imports as callers see them, and what became of their rows. */
export class ImportsRepo extends Context.Service<ImportsRepo, {
  /** `None` when `most` of the tenant are not over yet. Part of the caller's transaction. */
  readonly insert: (caller: Caller, most: number, wanted: {
    readonly id: ImportId
    readonly target: ImportTarget
    readonly name: string
    readonly size: number | null
    readonly ifExists: IfExists
    readonly reading: ImportReading
  }) => Effect.Effect<Option.Option<Import>>
  /** A caller's own, or with the scope `admin` anybody's; none that goes into a document of a dataset that the key is not for. */
  readonly find: (caller: Caller, importId: ImportId) => Effect.Effect<Option.Option<Import>>
  /** Newest first; `None` for a cursor that is not of this list. */
  readonly list: (caller: Caller, options: PageOptions) => Effect.Effect<
    Option.Option<{ readonly items: ReadonlyArray<Import>; readonly next?: PageCursor }>
  >
  /** In the order of the file; `None` for a cursor that is not of this list. */
  readonly rows: (tenantId: TenantId, options: RowsOptions) => Effect.Effect<
    Option.Option<{ readonly items: ReadonlyArray<ImportRow>; readonly next?: PageCursor }>
  >
  readonly upload: (tenantId: TenantId, importId: ImportId) => Effect.Effect<Option.Option<ImportUpload>>
  /** All bytes are there: it waits for its turn. `false` when they were there before, or it is over. Part of the caller's transaction. */
  readonly uploaded: (
    tenantId: TenantId,
    importId: ImportId,
    file: { readonly size: number; readonly sha256: Sha256 }
  ) => Effect.Effect<boolean>
  /** `None` when it is over already. Part of the caller's transaction. */
  readonly cancel: (tenantId: TenantId, importId: ImportId) => Effect.Effect<Option.Option<Import>>
}>()("@sheaf/adapters/repos/imports/ImportsRepo") {
  static readonly layer = Layer.effect(
    ImportsRepo,
    Effect.gen(function*() {
      const sql = yield* SqlClient.SqlClient
      const columns = importColumns(sql)
      const found = maybeRow(ImportRecord)

      // What goes into a document can be seen by whoever may see the document.
      const visible = (caller: Caller) => {
        const own = caller.has("admin") ? sql`` : sql`and i.owner = ${ownerOf(caller)}`
        const inReach = caller.datasetIds === null ? sql`` : sql`and (i.kind <> 'segments' or exists (
          select from documents d where d.tenant_id = i.tenant_id and d.id = i.target_id
            and d.dataset_id = any(${[...caller.datasetIds]}::uuid[])))`
        return sql`i.tenant_id = ${caller.tenantId} ${own} ${inReach}`
      }

      const open = oneRow(Schema.Struct({ open: Schema.Int }))
      const insert: ImportsRepo["Service"]["insert"] = Effect.fn("ImportsRepo.insert")(
        function*(caller, most, { id, ifExists, name, reading, size, target }) {
          const { tenantId } = caller
          // Whoever else begins one of the tenant waits here: two that count at once would both find room.
          yield* done(sql`select 1 from tenants where id = ${tenantId} for no key update`)
          const { open: others } = yield* open(sql`select count(*)::int as open from imports
            where tenant_id = ${tenantId} and finished_at is null`)
          if (others >= most) return Option.none()
          return yield* Effect.map(
            found(sql`insert into imports as i
                (tenant_id, id, kind, target_id, name, if_exists, reading, caller, owner, announced, created_by)
              values (${tenantId}, ${id}, ${importKindOf(target)}, ${targetIdOf(target)}, ${name}, ${ifExists},
                ${json(reading)}::jsonb, ${json(encode.caller(caller))}::jsonb, ${ownerOf(caller)}, ${size}::float8,
                ${json(encode.actor(caller.actor))}::jsonb) returning ${columns}`),
            Option.map(toImport)
          )
        }
      )

      const find: ImportsRepo["Service"]["find"] = (caller, importId) =>
        Effect.map(
          found(sql`select ${columns} from imports i where ${visible(caller)} and i.id = ${importId}`),
          Option.map(toImport)
        )

      const listed = rows(Schema.Struct({ ...ImportRecord.fields, at: Schema.String }))
      const Position = Schema.Tuple([CursorInstant, ImportId])
      const list: ImportsRepo["Service"]["list"] = Effect.fn("ImportsRepo.list")(
        function*(caller, { cursor, limit = 50 }) {
          const after = decodeCursor(Position, cursor)
          if (Option.isNone(after)) return Option.none()
          const older = after.value === undefined
            ? sql``
            : sql`and (i.created_at, i.id) < (${after.value[0]}::timestamptz, ${after.value[1]}::uuid)`
          const many = yield* listed(sql`select ${columns}, i.created_at::text as at from imports i
            where ${visible(caller)} ${older} order by i.created_at desc, i.id desc limit ${limit + 1}`)
          const shown = many.slice(0, limit)
          const last = shown.at(-1)
          return Option.some({
            items: shown.map(({ at: _at, ...row }) => toImport(row)),
            ...(many.length > limit && last !== undefined && { next: encodeCursor(Position, [last.at, last.id]) })
          })
        }
      )

      const rowRows = rows(ImportRow)
      const RowPosition = Schema.Tuple([CursorCount])
      const rowsOf: ImportsRepo["Service"]["rows"] = Effect.fn("ImportsRepo.rows")(
        function*(tenantId, { cursor, importId, limit = 50, state }) {
          const after = decodeCursor(RowPosition, cursor)
          if (Option.isNone(after)) return Option.none()
          const stateNow =
            sql`case when r.state = 'pending' and i.finished_at is not null then 'cancelled' else r.state end`
          const many = yield* rowRows(sql`select r.number, ${stateNow} as state, r.problem, r.result_id,
              r.row_values as values
            from import_rows r join imports i on i.tenant_id = r.tenant_id and i.id = r.import_id
            where r.tenant_id = ${tenantId} and r.import_id = ${importId}
              ${state === undefined ? sql`` : sql`and ${stateNow} = any(${[...state]}::text[])`}
              ${after.value === undefined ? sql`` : sql`and r.number > ${after.value[0]}::int`}
            order by r.number limit ${limit + 1}`)
          const shown = many.slice(0, limit)
          const last = shown.at(-1)
          return Option.some({
            items: shown,
            ...(many.length > limit && last !== undefined && { next: encodeCursor(RowPosition, [last.number]) })
          })
        }
      )

      const uploads = maybeRow(Upload)
      const upload: ImportsRepo["Service"]["upload"] = (tenantId, importId) =>
        uploads(sql`select state, name, announced, size, created_at + interval '24 hours' as expires_at from imports
          where tenant_id = ${tenantId} and id = ${importId}`)

      const changed = maybeRow(Schema.Struct({ id: ImportId }))
      const uploaded: ImportsRepo["Service"]["uploaded"] = (tenantId, importId, { sha256, size }) =>
        Effect.map(
          changed(sql`update imports set state = 'waiting', size = ${size}::float8, sha256 = ${sha256},
              queued_at = clock_timestamp(), revision = revision + 1
            where tenant_id = ${tenantId} and id = ${importId} and state = 'uploading' returning id`),
          Option.isSome
        )

      const cancel: ImportsRepo["Service"]["cancel"] = (tenantId, importId) =>
        Effect.map(
          found(sql`update imports i set state = 'cancelled', finished_at = now(), revision = i.revision + 1
            where i.tenant_id = ${tenantId} and i.id = ${importId} and i.finished_at is null returning ${columns}`),
          Option.map(toImport)
        )

      return ImportsRepo.of({ insert, find, list, rows: rowsOf, upload, uploaded, cancel })
    })
  )
}
