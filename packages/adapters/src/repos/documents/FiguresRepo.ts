import type { DocumentFilter } from "@sheaf/domain/documents/ListFilter"
import { type FacetCounts, RowField } from "@sheaf/domain/documents/ListsRpcs"
import { DocumentStatus } from "@sheaf/domain/documents/status"
import type { Caller } from "@sheaf/domain/edge/Caller"
import { type DatasetId, DocumentId } from "@sheaf/domain/ids"
import { Context, Effect, Layer, Record, Schema } from "effect"
import { SqlClient, type Statement } from "effect/sql"
import { visibleDatasets } from "../datasets/DatasetsRepo.ts"
import { rows } from "../rows.ts"
import { documentCondition, suffixSql } from "./documentCondition.ts"
import { newestRuns, statusSql } from "./statusCondition.ts"

/** Rows that one statement counts: some tens of milliseconds of the one session that the embedded database has. */
const chunk = 2_000

/** Distinct values that are counted for one facet; what is met later is only known to be there. */
const mostValues = 10_000

const Value = Schema.Union([Schema.String, Schema.Finite, Schema.Boolean])

/** What is summed up over the documents of a dataset. */
export interface Sums {
  readonly byStatus: { readonly [Status in DocumentStatus]: number }
  readonly documents: number
  readonly pages: number
  readonly segments: number
  readonly tokens: number
  readonly bytes: number
  readonly processingMs: number
}

/**
 * Figures over the documents of a dataset that a caller may see, counted from the rows, some thousand at a time in the order of their
 * ids: exact where nothing changes meanwhile, and else each document that exists throughout counts once, as it was when it was looked at.
 */
export class FiguresRepo extends Context.Service<FiguresRepo, {
  readonly count: (caller: Caller, options: {
    readonly datasetId: DatasetId
    readonly filter: DocumentFilter
    readonly facets: ReadonlyArray<string>
    /** Values that are told for each facet. */
    readonly values: number
  }) => Effect.Effect<{ readonly total: number; readonly facets: ReadonlyArray<FacetCounts> }>
  readonly sums: (caller: Caller, datasetId: DatasetId) => Effect.Effect<Sums>
  /** What rows of its tables have by name, in the versions that serve; the first 1,000 by name. */
  readonly fields: (caller: Caller, datasetId: DatasetId) => Effect.Effect<ReadonlyArray<RowField>>
}>()("@sheaf/adapters/repos/documents/FiguresRepo") {
  static readonly layer = Layer.effect(
    FiguresRepo,
    Effect.gen(function*() {
      const sql = yield* SqlClient.SqlClient

      /** The next rows of a dataset as `chunk`, in the order of their ids. */
      const chunkOf = (caller: Caller, datasetId: DatasetId, after: DocumentId | null) =>
        sql`chunk as materialized (
          select d.* from documents d where d.tenant_id = ${caller.tenantId} and d.dataset_id = ${datasetId}
            and exists (select from datasets ds where ${visibleDatasets(sql, caller)} and ds.id = ${datasetId})
            ${after === null ? sql`` : sql`and d.id > ${after}::uuid`}
          order by d.id limit ${chunk}
        )`
      /** Its documents `d` with their newest runs `r`. */
      const withRuns = (caller: Caller) => sql`chunk d ${newestRuns(sql, caller.tenantId)}`
      const lastOf = sql`(select id from chunk order by id desc limit 1) as last`

      /** Asks chunk after chunk; an answer without `last` found no rows any more. */
      const through = Effect.fnUntraced(function*<A extends { readonly last: DocumentId | null }>(
        ask: (after: DocumentId | null) => Effect.Effect<ReadonlyArray<A>>,
        add: (row: A) => void
      ) {
        let after: DocumentId | null = null
        do {
          const found: ReadonlyArray<A> = yield* ask(after)
          for (const row of found) add(row)
          after = found[0]?.last ?? null
        } while (after !== null)
      })

      const counted = rows(Schema.Struct({
        facet: Schema.NullOr(Schema.String),
        value: Schema.NullOr(Value),
        count: Schema.Int,
        last: Schema.NullOr(DocumentId)
      }))
      const count: FiguresRepo["Service"]["count"] = Effect.fn("FiguresRepo.count")(
        function*(caller, { datasetId, facets, filter, values }) {
          const wanted = [...new Set(facets)]
          const tallies = new Map(wanted.map((facet) => [facet, makeTally()]))
          let total = 0
          yield* through(
            (after) =>
              counted(sql`with ${chunkOf(caller, datasetId, after)}, fitting as materialized (
                select d.name, d.media_type, d.metadata, d.created_by, ${statusSql(sql)} as status
                from ${withRuns(caller)} where ${documentCondition(sql, filter)}
              )
              select null as facet, null::jsonb as value, count(*)::int as count, ${lastOf} from fitting
              ${
                wanted.length === 0 ? sql`` : sql`union all
                select f.facet, f.value, count(*)::int, null::uuid from fitting d
                cross join lateral (${valuesOf(sql, wanted)}) f
                where f.value is not null group by f.facet, f.value`
              }`),
            ({ count, facet, value }) => {
              if (facet === null) total += count
              else tallies.get(facet)?.add(value, count)
            }
          )
          return { total, facets: Array.from(tallies, ([facet, tally]) => tally.top(facet, values)) }
        }
      )

      const summed = rows(Schema.Struct({
        last: Schema.NullOr(DocumentId),
        status: Schema.NullOr(DocumentStatus),
        documents: Schema.Int,
        pages: Schema.Finite,
        segments: Schema.Finite,
        tokens: Schema.Finite,
        bytes: Schema.Finite,
        processingMs: Schema.Finite
      }))
      const sums: FiguresRepo["Service"]["sums"] = Effect.fn("FiguresRepo.sums")(function*(caller, datasetId) {
        const byStatus = { ...nothing }
        const totals = { documents: 0, pages: 0, segments: 0, tokens: 0, bytes: 0, processingMs: 0 }
        yield* through(
          (after) =>
            summed(sql`with ${chunkOf(caller, datasetId, after)}, each as materialized (
                select d.pages, d.segments, d.tokens, d.size, ${statusSql(sql)} as status, spent.ms
                from ${withRuns(caller)} cross join lateral (select sum(elapsed_ms) as ms from runs
                  where tenant_id = ${caller.tenantId} and document_id = d.id) spent
              )
              select ${lastOf}, d.status, count(*)::int as documents, coalesce(sum(d.pages), 0)::float8 as pages,
                coalesce(sum(d.segments), 0)::float8 as segments, coalesce(sum(d.tokens), 0)::float8 as tokens,
                coalesce(sum(d.size), 0)::float8 as bytes, coalesce(sum(d.ms), 0)::float8 as processing_ms
              from each d group by d.status`),
          (row) => {
            if (row.status !== null) byStatus[row.status] += row.documents
            if (row.status === "deleting") return
            for (const name of Record.keys(totals)) totals[name] += row[name]
          }
        )
        return { byStatus, ...totals }
      })

      const rowFields = rows(RowField)
      const fields: FiguresRepo["Service"]["fields"] = ({ tenantId }, datasetId) =>
        rowFields(sql`select f.key as name, f.value as type, count(*)::int as documents
          from runs r
          join documents d on d.tenant_id = r.tenant_id and d.id = r.document_id and d.published_run_id = r.id and not d.deleting
          cross join lateral jsonb_each_text(r.fields) f
          where r.tenant_id = ${tenantId} and r.dataset_id = ${datasetId} and r.fields is not null
          group by f.key, f.value order by f.key, f.value limit 1000`)

      return FiguresRepo.of({ count, sums, fields })
    })
  )
}

const nothing = Object.fromEntries(DocumentStatus.literals.map((status) => [status, 0])) as {
  [Status in DocumentStatus]: number
}

/** A row for each facet and value of a document `d` that has its `status`. */
const valuesOf = (sql: SqlClient.SqlClient, facets: ReadonlyArray<string>): Statement.Fragment =>
  facets.map((facet) => {
    const named = (value: Statement.Fragment) => sql`select ${facet}::text as facet, ${value} as value`
    if (facet.startsWith("metadata.")) {
      const field = sql`(d.metadata -> ${facet.slice("metadata.".length)}::text)`
      return sql`select distinct ${facet}::text as facet, item as value from jsonb_array_elements(
        case jsonb_typeof(${field}) when 'array' then ${field} else jsonb_build_array(${field}) end) item
        where jsonb_typeof(item) <> 'null'`
    }
    switch (facet) {
      case "status":
        return named(sql`to_jsonb(d.status)`)
      case "mediaType":
        return named(sql`to_jsonb(d.media_type)`)
      case "suffix":
        return named(sql`to_jsonb(${suffixSql(sql)})`)
      default:
        return sql`select distinct ${facet}::text as facet, value from (values (d.created_by -> 'keyId'),
          (d.created_by #> '{onBehalfOf,id}')) actors (value) where value is not null`
    }
  }).reduce((all, one) => sql`${all} union all ${one}`)

/** Counts values without ever keeping more than so many. */
const makeTally = () => {
  const counts = new Map<typeof Value.Type, number>()
  let left = false
  return {
    add: (value: typeof Value.Type | null, count: number) => {
      if (value === null) return
      const known = counts.get(value)
      if (known === undefined && (counts.size >= mostValues || String(value).length > 256)) {
        left = true
        return
      }
      counts.set(value, (known ?? 0) + count)
    },
    top: (facet: string, limit: number): FacetCounts => {
      const all = Array.from(counts, ([value, count]) => ({ value, count }))
        .sort((a, b) => b.count - a.count || (JSON.stringify(a.value) < JSON.stringify(b.value) ? -1 : 1))
      return { facet, values: all.slice(0, limit), more: left || all.length > limit }
    }
  }
}
