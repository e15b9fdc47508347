import { Effect } from "effect"
import { canonical } from "./canonical.ts"
import type { Source } from "./Facts.ts"
import { readTables, type Row, tenantsOf } from "./tables.ts"

/**
 * What may differ between two installations that went through the same: times, figures of how long something took and how often it was
 * tried, who held what, secrets and what is made of them.
 */
const volatile: ReadonlySet<string> = new Set([
  "annotation_vectors.revision",
  "api_keys.hash",
  "api_keys.name",
  "api_keys.prefix",
  "api_keys.last_used_at",
  "apps.revision",
  "deliveries.attempts",
  "deliveries.cursor",
  "documents.generation",
  "documents.reindexed",
  "documents.synced",
  "event_heads.newest",
  "event_heads.oldest",
  "events.number",
  "followed_events.followed",
  "idempotency_keys.payload_hash",
  "jobs.epoch",
  "jobs.losses",
  "jobs.trace",
  "mail_subscriptions.after",
  "runs.revision",
  "webhooks.after",
  // Sooner or later a chore says of the open units of a run that is over that they are over as well.
  "work_units.finished_at",
  "work_units.state"
])

/** What is made of rows that come and go: the sum counts. */
const counters: ReadonlySet<string> = new Set(["dataset_counters", "dataset_counter_deltas"])

/** Nothing of what a tenant has: logs of questions, and of who looked when whether all is well. */
const ignored: ReadonlySet<string> = new Set(["query_log", "reconciliations"])

const secret = /"(prefix|secret|sealed)":\s*"[^"]*"/g
/** How long each part of a run took. */
const timings = /"timings":\s*\{[^{}]*\}/g
/** Of an event, in what is sent of it. */
const cursor = /\\"cursor\\":\\"\d+\\"/g
/** Every installation's receiver has its own. */
const port = /127\.0\.0\.1:\d+/g
const time = /"\d{4}-\d\d-\d\d[T ][^"]*"/g

/** A look for drift comes when it comes. */
const isLook = ({ row, table }: Row) => table === "jobs" && row["stage"] === "Reconcile"

const lineOf = ({ row, table }: Row, times: ReadonlySet<string>): string => {
  const fields = Object.entries(row).filter(([column]) =>
    !volatile.has(`${table}.${column}`) && !column.endsWith("_ms")
  ).map((
    [column, value]
  ) => [
    column,
    times.has(column) && value !== null ? "time" : value
  ])
  const synced = "synced" in row && "generation" in row
    ? [["inStep", Number(row["synced"]) >= Number(row["generation"])]]
    : []
  return `${table} ${JSON.stringify(Object.fromEntries([...fields, ...synced]))}`.replace(secret, "\"$1\":\"…\"")
    .replace(timings, "\"timings\":\"…\"")
    .replace(cursor, "")
    .replace(port, "127.0.0.1")
    .replace(time, "\"time\"")
}

const sums = (rows: ReadonlyArray<Row>): ReadonlyArray<string> => {
  const totals = new Map<string, Record<string, number>>()
  for (const { row } of rows) {
    const { dataset_id: dataset, id: _, tenant_id: tenant, ...counts } = row
    const sum = totals.get(`${String(tenant)} ${String(dataset)}`) ?? {}
    for (const [name, count] of Object.entries(counts)) {
      if (typeof count === "number") sum[name] = (sum[name] ?? 0) + count
    }
    totals.set(`${String(tenant)} ${String(dataset)}`, sum)
  }
  return [...totals].map(([of, sum]) => `counters ${of} ${JSON.stringify(sum)}`)
}

/** Everything that is there of a tenant, as lines that are the same for every installation that went through the same. */
export const snapshot = Effect.fn("proof.snapshot")(
  function*({ observer, readFiles, readIndex }: Source, tenantId: string) {
    const tenantIds = yield* tenantsOf(observer, tenantId)
    const { rows, times } = yield* readTables(observer, tenantIds)
    const { postings, segments, strayDocuments } = yield* readIndex(tenantIds)
    const [counted, others] = [
      rows.filter(({ table }) => counters.has(table)),
      rows.filter(({ table }) => !counters.has(table) && !ignored.has(table)).filter((row) => !isLook(row))
    ]
    return canonical([
      ...others.map((row) => lineOf(row, times.get(row.table) ?? new Set())),
      ...sums(counted),
      ...segments.map((entry) => `index ${JSON.stringify(entry)}`.replace(time, "\"time\"")),
      ...postings.map((posting) => `posting ${JSON.stringify(posting)}`),
      ...strayDocuments.map((id) => `stray index document ${id}`),
      ...(yield* readFiles(tenantIds)).map(({ key, sha256 }) => `blob ${key} ${sha256}`)
    ])
  }
)
