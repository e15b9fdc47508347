import { count, type Facts, rowsOf, text } from "./Facts.ts"
import { beingBuilt } from "./beingBuilt.ts"
import type { Findings } from "./Findings.ts"

/** An entry for each segment that readers may see, with what belongs to it, and for no other but those of a version in the making. */
export const judgeIndex = (findings: Findings, facts: Facts) => {
  const documents = new Map(rowsOf(facts, "documents").map((document) => [text(document, "id"), document]))
  const spaces = new Map(rowsOf(facts, "datasets").map((dataset) => [text(dataset, "id"), text(dataset, "space_id")]))
  const published = new Set([...documents.values()].map((document) => text(document, "published_run_id")))
  const visible = new Set(
    rowsOf(facts, "run_segments").filter((member) => published.has(text(member, "run_id"))).map((member) =>
      text(member, "segment_id")
    )
  )
  const building = beingBuilt(facts)
  const entries = Map.groupBy(facts.index.segments, ({ segment_id }) => segment_id)
  const vectors = new Map(
    rowsOf(facts, "vectors").map((vector) => [`${text(vector, "space_id")} ${text(vector, "text_hash")}`, vector])
  )
  for (const segment of rowsOf(facts, "segments")) {
    const id = text(segment, "id")
    const document = documents.get(text(segment, "document_id"))
    const wanted = segment["enabled"] === true && segment["searched"] === true && document?.["enabled"] === true &&
      document["archived"] === false && document["deleting"] === false
    const shown = wanted && visible.has(id)
    const [entry, ...others] = entries.get(id) ?? []
    if (shown && entry === undefined) findings.lost.push(`segment ${id} is not in the index`)
    const allowed = shown || wanted && building.has(id)
    if (!allowed && entry !== undefined) findings.orphans.push(`the index has an entry of the hidden segment ${id}`)
    if (others.length > 0) findings.duplicated.push(`segment ${id} is in the index ${others.length + 1} times`)
    if (!shown || entry === undefined || document === undefined) continue
    if (entry.document_id !== text(document, "id") || entry.dataset_id !== text(document, "dataset_id")) {
      findings.stale.push(`the entry of segment ${id} names another document`)
    }
    const space = spaces.get(entry.dataset_id) ?? ""
    if (!entry.space.includes(space)) findings.stale.push(`the entry of segment ${id} is in space ${entry.space}`)
    const stored = vectors.get(`${space} ${text(segment, "text_hash")}`)
    if (stored !== undefined && !isSame(text(stored, "vector"), entry.vector)) {
      findings.stale.push(`the entry of segment ${id} has another vector`)
    }
    if (text(entry.fields ?? {}, "$name") !== text(document, "name")) {
      findings.stale.push(`the entry of segment ${id} has another name of its document`)
    }
  }
  const known = new Set(rowsOf(facts, "segments").map((segment) => text(segment, "id")))
  for (const id of entries.keys()) {
    if (!known.has(id)) findings.orphans.push(`the index has an entry of the unknown segment ${id}`)
  }
  for (const id of facts.index.strayDocuments) {
    if (!documents.has(id)) findings.orphans.push(`the index knows document ${id}, which is gone`)
  }
  // A search engine of its own keeps its lists of words to itself.
  if (facts.index.postings.length > 0) judgePostings(findings, facts)
}

/** Words lead to as many segments as have them. */
const judgePostings = ({ drift }: Findings, facts: Facts) => {
  const right = new Map<string, number>()
  for (const { dataset_id, terms } of facts.index.segments) {
    // The index wrote them: pairs of term and frequency.
    for (const [term] of JSON.parse(terms) as ReadonlyArray<readonly [string, number]>) {
      right.set(`${dataset_id} ${term}`, (right.get(`${dataset_id} ${term}`) ?? 0) + 1)
    }
  }
  for (const posting of facts.index.postings) {
    const key = `${posting.dataset_id} ${posting.term}`
    if (posting.count !== (right.get(key) ?? 0)) {
      drift.push(
        `the word "${posting.term}" leads to ${count({ ...posting }, "count")} segments and is in ${
          right.get(key) ?? 0
        }`
      )
    }
    right.delete(key)
  }
  for (const key of right.keys()) drift.push(`the word "${key.split(" ")[1]}" leads nowhere`)
}

/** An index may keep fewer digits than the database, which has them as float32 in `\x…`. */
const isSame = (stored: string, indexed: string | null): boolean => {
  if (indexed === null) return false
  const bytes = Uint8Array.from(Buffer.from(stored.slice(2), "hex"))
  const vector = new Float32Array(bytes.buffer)
  const found = indexed.slice(1, -1).split(",").map(Number)
  return found.length === vector.length && found.every((x, at) => Math.abs(x - vector[at]!) < 2e-3)
}
