import type { Counters, DocumentRow, Evidence, SegmentRow } from "./evidence/Evidence.ts"
import { type Item, markPattern } from "./library.ts"

/**
 * What is wrong, in words, by kind:
 *
 * - `lost`: accepted and not there: a document, a paragraph, a segment's entry, an original
 * - `duplicated`: there more often than once: a document, a paragraph, a publication, an entry
 * - `orphans`: there and nobody's: a segment without a run, an entry without a segment, a blob without a document
 * - `drift`: a counter that a recount does not confirm
 * - `stale`: there and not what it should be: work still owed, an entry that says something else than the database
 */
export interface Findings {
  readonly lost: ReadonlyArray<string>
  readonly duplicated: ReadonlyArray<string>
  readonly orphans: ReadonlyArray<string>
  readonly drift: ReadonlyArray<string>
  readonly stale: ReadonlyArray<string>
}

export const kinds = ["lost", "duplicated", "orphans", "drift", "stale"] as const

export const isSound = (findings: Findings): boolean => kinds.every((kind) => findings[kind].length === 0)

type Writable = { readonly [Kind in keyof Findings]: Array<string> }

/** Compares what was handed in with what is there. */
export const judge = (library: ReadonlyArray<Item>, evidence: Evidence): Findings => {
  const findings: Writable = { lost: [], duplicated: [], orphans: [], drift: [], stale: [] }
  const segments = new Map(evidence.segments.map((segment) => [segment.id, segment]))
  judgeDocuments(findings, library, evidence, segments)
  judgeSegments(findings, evidence)
  judgeEntries(findings, evidence, segments)
  judgeBlobs(findings, evidence)
  judgeCounters(findings, evidence, segments)
  if (evidence.owedJobs > 0) findings.stale.push(`${evidence.owedJobs} jobs are still owed`)
  if (evidence.openUnits > 0) findings.stale.push(`${evidence.openUnits} work units are still open`)
  return findings
}

const judgeDocuments = (
  findings: Writable,
  library: ReadonlyArray<Item>,
  evidence: Evidence,
  segments: ReadonlyMap<string, SegmentRow>
) => {
  const published = group(evidence.runs.filter(({ state }) => state === "published"), ({ documentId }) => documentId)
  const members = group(evidence.members, ({ runId }) => runId)
  const byName = group(evidence.documents, ({ name }) => name)
  for (const item of library) {
    const [document, ...others] = byName.get(item.name) ?? []
    if (others.length > 0) findings.duplicated.push(`${item.name} is there ${others.length + 1} times`)
    if (document === undefined || document.publishedRunId === null) {
      findings.lost.push(document === undefined ? `${item.name} is missing` : `${item.name} is not published`)
      continue
    }
    const runs = published.get(document.id)?.length ?? 0
    if (runs !== 1) findings.duplicated.push(`${item.name} has ${runs} published runs`)
    const told = evidence.publications.filter((runId) => runId === document.publishedRunId).length
    if (told === 0) findings.lost.push(`nobody was told that ${item.name} is published`)
    if (told > 1) findings.duplicated.push(`${item.name} was announced ${told} times`)
    if (document.latestRunId !== document.publishedRunId) findings.stale.push(`${item.name} serves an old version`)
    const places = (members.get(document.publishedRunId) ?? []).toSorted((a, b) => a.ordinal - b.ordinal)
    if (places.some(({ ordinal }, at) => ordinal !== at)) findings.lost.push(`${item.name} has gaps in its order`)
    judgeMarks(findings, item, places.map(({ segmentId }) => segments.get(segmentId)?.text ?? "").join("\n"))
  }
}

/** Each paragraph once, in the order of the original. */
const judgeMarks = (findings: Writable, item: Item, text: string) => {
  const found = text.match(markPattern) ?? []
  const times = new Map<string, number>()
  for (const mark of found) times.set(mark, (times.get(mark) ?? 0) + 1)
  const missing = item.marks.filter((mark) => !times.has(mark))
  const doubled = [...times].filter(([, count]) => count > 1)
  if (missing.length > 0) findings.lost.push(`${item.name} lacks ${missing.length} paragraphs, first ${missing[0]}`)
  if (doubled.length > 0) findings.duplicated.push(`${item.name} has ${doubled.length} paragraphs more than once`)
  if (missing.length === 0 && doubled.length === 0 && found.join() !== item.marks.join()) {
    findings.stale.push(`${item.name} is not in the order of its original`)
  }
}

const judgeSegments = (findings: Writable, { members, segments }: Evidence) => {
  const held = new Set(members.map(({ segmentId }) => segmentId))
  for (const { id, indexState } of segments) {
    if (!held.has(id)) findings.orphans.push(`segment ${id} belongs to no run`)
    if (indexState !== "in_sync") findings.stale.push(`segment ${id} is ${indexState} in the index`)
  }
}

const judgeEntries = (findings: Writable, evidence: Evidence, segments: ReadonlyMap<string, SegmentRow>) => {
  const entries = group(evidence.entries, ({ segmentId }) => segmentId)
  for (const [id, segment] of segments) {
    const [entry, ...others] = entries.get(id) ?? []
    if (entry === undefined) {
      findings.lost.push(`segment ${id} is not in the index`)
      continue
    }
    if (others.length > 0) findings.duplicated.push(`segment ${id} is in the index ${others.length + 1} times`)
    if (entry.documentId !== segment.documentId || entry.datasetId !== segment.datasetId) {
      findings.stale.push(`the entry of segment ${id} names another document`)
    }
    if (!isSameVector(segment.vector, entry.vector)) {
      findings.stale.push(`the entry of segment ${id} has another vector`)
    }
  }
  for (const id of entries.keys()) {
    if (!segments.has(id)) findings.orphans.push(`the index has an entry of the unknown segment ${id}`)
  }
}

/** An index may keep fewer digits than the database. */
const isSameVector = (stored: string | null, indexed: ReadonlyArray<number> | null): boolean => {
  if (stored === null || indexed === null) return stored === indexed
  const bytes = Uint8Array.from(Buffer.from(stored, "base64"))
  const vector = new Float32Array(bytes.buffer)
  return vector.length === indexed.length && indexed.every((x, at) => Math.abs(x - vector[at]!) < 1e-3)
}

const judgeBlobs = (findings: Writable, { blobs, documents, openUploads }: Evidence) => {
  const owners = new Set([...documents.map(({ id }) => id), ...openUploads])
  const originals = new Map<string, string | null>()
  for (const { key, sha256 } of blobs) {
    const [, datasetId, documentId, ...rest] = key.split("/")
    const prefix = `${datasetId}/${documentId}`
    if (!owners.has(documentId ?? "")) findings.orphans.push(`blob ${key} belongs to no document`)
    if (rest.join("/") === "raw") originals.set(prefix, sha256)
  }
  for (const { contentHash, datasetId, id, name } of documents) {
    const original = originals.get(`${datasetId}/${id}`)
    if (original === undefined) findings.lost.push(`the original of ${name} is missing`)
    else if (original !== contentHash) findings.stale.push(`the original of ${name} has other bytes`)
  }
}

const judgeCounters = (findings: Writable, evidence: Evidence, segments: ReadonlyMap<string, SegmentRow>) => {
  const members = group(evidence.members, ({ runId }) => runId)
  const recounted = new Map<string, Counters>()
  for (const document of evidence.documents) {
    const places = members.get(document.publishedRunId ?? "") ?? []
    if (places.length !== document.segments) {
      findings.drift.push(`${document.name} says ${document.segments} segments and has ${places.length}`)
    }
    const sum = recounted.get(document.datasetId) ?? nothing(document)
    const tokens = places.reduce((total, { segmentId }) => total + (segments.get(segmentId)?.tokens ?? 0), 0)
    recounted.set(document.datasetId, {
      ...sum,
      documents: sum.documents + 1,
      segments: sum.segments + places.length,
      tokens: sum.tokens + tokens,
      bytes: sum.bytes + document.size
    })
  }
  for (const counted of evidence.counters) {
    const right = recounted.get(counted.datasetId) ?? nothing(counted)
    for (const what of ["documents", "segments", "tokens", "bytes"] as const) {
      if (counted[what] !== right[what]) {
        findings.drift.push(`the dataset says ${counted[what]} ${what}, a recount ${right[what]}`)
      }
    }
  }
}

const nothing = ({ datasetId }: Pick<DocumentRow, "datasetId">): Counters => ({
  datasetId,
  documents: 0,
  segments: 0,
  tokens: 0,
  bytes: 0
})

const group = <A>(items: ReadonlyArray<A>, key: (item: A) => string): Map<string, Array<A>> => Map.groupBy(items, key)
