import { count, type Facts, rowsOf, text, within } from "./Facts.ts"
import { beingBuilt, openRuns } from "./beingBuilt.ts"
import { judgeIndex } from "./judgeIndex.ts"
import type { Findings } from "./Findings.ts"
import { noFindings } from "./Findings.ts"

// What holds of every tenant at rest, whatever was done to it.

const live = (facts: Facts) => rowsOf(facts, "documents").filter((row) => row["deleting"] !== true)

export const judge = (facts: Facts): Findings => {
  const findings = noFindings()
  judgeRest(findings, facts)
  judgeVersions(findings, facts)
  judgeSegments(findings, facts)
  judgeIndex(findings, facts)
  judgeBlobs(findings, facts)
  judgeCounters(findings, facts)
  judgeEvents(findings, facts)
  judgeLeftovers(findings, facts)
  return findings
}

/** Nothing is owed, and nothing waits for work that is not owed. */
const judgeRest = ({ stale }: Findings, facts: Facts) => {
  const open = openRuns(facts)
  const held = new Set(rowsOf(facts, "runs").filter((run) => run["paused"] === true).map((run) => text(run, "id")))
  for (const job of rowsOf(facts, "jobs")) {
    if (text(job, "state") !== "dead" && !held.has(text(job, "run_id"))) {
      stale.push(`a job is still owed: ${text(job, "stage")}`)
    }
  }
  for (const table of ["datasets", "documents"]) {
    for (const row of rowsOf(facts, table)) {
      if (row["deleting"] === true) stale.push(`${table} ${text(row, "id")} is still being deleted`)
    }
  }
  for (const run of rowsOf(facts, "runs")) {
    if (run["paused"] !== true && open.has(text(run, "id"))) {
      stale.push(`run ${text(run, "id")} is ${text(run, "state")} for ever`)
    }
  }
  for (const unit of rowsOf(facts, "work_units")) {
    const of = text(unit, "run_id")
    if (text(unit, "state") === "pending" && open.has(of) && !held.has(of)) {
      stale.push(`a unit of ${text(unit, "stage")} waits for ever`)
    }
  }
}

/** One whole version of each document. */
const judgeVersions = (findings: Findings, facts: Facts) => {
  const runs = new Map(rowsOf(facts, "runs").map((run) => [text(run, "id"), run]))
  const members = Map.groupBy(rowsOf(facts, "run_segments"), (member) => text(member, "run_id"))
  const segments = new Map(rowsOf(facts, "segments").map((segment) => [text(segment, "id"), segment]))
  for (const document of live(facts)) {
    const id = text(document, "id")
    const published = text(document, "published_run_id")
    if (published !== "" && text(runs.get(published) ?? {}, "state") !== "published") {
      findings.lost.push(`the published run of document ${id} is not published`)
    }
    const held = members.get(published) ?? []
    if (held.length !== count(document, "segments")) {
      findings.drift.push(`document ${id} says ${count(document, "segments")} segments and has ${held.length}`)
    }
    const tokens = held.reduce(
      (sum, { segment_id }) => sum + count(segments.get(String(segment_id)) ?? {}, "tokens"),
      0
    )
    if (tokens !== count(document, "tokens")) {
      findings.drift.push(`document ${id} says ${count(document, "tokens")} tokens and has ${tokens}`)
    }
  }
  const serving = new Set(live(facts).map((document) => text(document, "published_run_id")))
  const open = openRuns(facts)
  for (const run of members.keys()) {
    if (!serving.has(run) && !open.has(run)) {
      findings.orphans.push(`run ${run} serves nobody and still holds segments`)
    }
  }
}

const judgeSegments = (findings: Findings, facts: Facts) => {
  const held = new Set(rowsOf(facts, "run_segments").map((member) => text(member, "segment_id")))
  const building = beingBuilt(facts)
  const parents = new Set(rowsOf(facts, "segments").map((segment) => text(segment, "parent_id")))
  const texts = new Set(rowsOf(facts, "segments").map((segment) => text(segment, "text_hash")))
  for (const segment of rowsOf(facts, "segments")) {
    const id = text(segment, "id")
    if (!held.has(id) && !parents.has(id)) findings.orphans.push(`segment ${id} belongs to no run`)
    if (text(segment, "index_state") !== "in_sync" && !building.has(id)) {
      findings.stale.push(`segment ${id} is ${text(segment, "index_state")} in the index`)
    }
    if (segment["going_out"] === true) findings.stale.push(`segment ${id} is on its way out of the index for ever`)
  }
  for (const vector of rowsOf(facts, "vectors")) {
    if (!texts.has(text(vector, "text_hash"))) {
      findings.orphans.push(`a vector belongs to no text: ${text(vector, "text_hash")}`)
    }
  }
  for (const document of live(facts)) {
    if (count(document, "synced") < count(document, "generation")) {
      findings.stale.push(`the index never came in step with document ${text(document, "id")}`)
    }
  }
}

const judgeBlobs = (findings: Findings, facts: Facts) => {
  const uploads = rowsOf(facts, "uploads").filter((upload) => upload["answer"] === null)
  const owners = new Set([
    ...rowsOf(facts, "documents").map((document) => text(document, "id")),
    ...uploads.map((upload) => text(upload, "document_id")),
    ...rowsOf(facts, "imports").filter((row) => row["finished_at"] === null).map((row) => text(row, "id"))
  ])
  const originals = new Map(facts.files.map(({ key, sha256 }) => [key, sha256]))
  for (const { key } of facts.files) {
    if (!owners.has(key.split("/")[2] ?? "")) findings.orphans.push(`blob ${key} belongs to no document`)
  }
  for (const document of live(facts)) {
    const hash = text(document, "content_hash")
    const folder = `${text(document, "tenant_id")}/${text(document, "dataset_id")}/${text(document, "id")}/`
    const found = [...originals].filter(([key]) =>
      key.startsWith(folder) && !key.slice(folder.length).startsWith("elements/")
    )
    if (!found.some(([, sha256]) => sha256 === hash)) {
      findings.lost.push(`the original of ${text(document, "id")} is not there`)
    }
  }
}

const counted = ["documents", "segments", "tokens", "bytes"] as const

const judgeCounters = (findings: Findings, facts: Facts) => {
  const right = new Map<string, Record<string, number>>()
  const sums = new Map<string, Record<string, number>>()
  const add = (to: typeof sums, id: string, by: Readonly<Record<string, number>>) => {
    const sum = to.get(id) ?? {}
    for (const what of counted) sum[what] = (sum[what] ?? 0) + (by[what] ?? 0)
    to.set(id, sum)
  }
  for (const document of live(facts)) {
    add(right, text(document, "dataset_id"), {
      documents: 1,
      segments: count(document, "segments"),
      tokens: count(document, "tokens"),
      bytes: count(document, "size")
    })
  }
  for (const table of ["dataset_counters", "dataset_counter_deltas"]) {
    for (const row of rowsOf(facts, table)) {
      add(sums, text(row, "dataset_id"), Object.fromEntries(counted.map((what) => [what, count(row, what)])))
    }
  }
  for (const id of new Set([...right.keys(), ...sums.keys()])) {
    for (const what of counted) {
      const [said, is] = [sums.get(id)?.[what] ?? 0, right.get(id)?.[what] ?? 0]
      if (said !== is) findings.drift.push(`dataset ${id} says ${said} ${what}, a recount ${is}`)
    }
  }
}

/** Everything was told, once, and in an order without gaps. */
const judgeEvents = (findings: Findings, facts: Facts) => {
  const events = rowsOf(facts, "events")
  const told = Map.groupBy(
    events.filter((event) => within(event, "body", "runId") !== ""),
    (event) => `${within(event, "body", "_tag")} of run ${within(event, "body", "runId")}`
  )
  for (const [what, times] of told) {
    if (times.length > 1) findings.duplicated.push(`${what} was told ${times.length} times`)
  }
  for (const document of live(facts)) {
    const published = text(document, "published_run_id")
    if (published !== "" && !told.has(`DocumentPublished of run ${published}`)) {
      findings.lost.push(`nobody was told that run ${published} is published`)
    }
  }
  const numbered = Map.groupBy(events, (event) => text(event, "tenant_id"))
  for (const of of numbered.values()) {
    const all = of.map((event) => count(event, "number")).sort((a, b) => a - b)
    if (all.some((number, at) => number !== (all[0] ?? 0) + at)) {
      findings.lost.push("the events have gaps in their order")
    }
  }
}

/** Tables that speak of what is gone: they are logs. */
const logs: ReadonlySet<string> = new Set([
  "events",
  "uploads",
  "ingest_events",
  "audit_log",
  "operations",
  "operation_items"
])

/** No row of any table, named here or not, is about a document or dataset that is gone. */
const judgeLeftovers = (findings: Findings, facts: Facts) => {
  const known = {
    document_id: new Set(rowsOf(facts, "documents").map((document) => text(document, "id"))),
    dataset_id: new Set(rowsOf(facts, "datasets").map((dataset) => text(dataset, "id")))
  }
  for (const [table, rows] of facts.tables) {
    if (logs.has(table)) continue
    for (const row of rows) {
      for (const column of ["document_id", "dataset_id"] as const) {
        const id = text(row, column)
        if (id !== "" && !known[column].has(id)) {
          findings.orphans.push(`${table} has a row of ${column} ${id}, which is gone`)
        }
      }
    }
  }
}
