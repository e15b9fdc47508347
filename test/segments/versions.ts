import { transact } from "@sheaf/adapters/repos/rows"
import { DatasetsRepo } from "@sheaf/adapters/repos/datasets/DatasetsRepo"
import { DocumentsRepo } from "@sheaf/adapters/repos/documents/DocumentsRepo"
import { newId } from "@sheaf/adapters/repos/newId"
import { type NewSegment, SegmentsRepo } from "@sheaf/adapters/repos/segments/SegmentsRepo"
import { identities } from "@sheaf/adapters/text/segmentIdentity"
import type { Caller } from "@sheaf/domain/edge/Caller"
import { RunId } from "@sheaf/domain/ids"
import type { Segment } from "@sheaf/domain/segments/Segment"
import { keepChanges } from "@sheaf/worker/stages/publish-run/keepChanges"
import { Effect, Option } from "effect"
import { SqlClient } from "effect/sql"
import { type makeDocument, some, space } from "../repos/world.ts"

type Made = Effect.Success<ReturnType<typeof makeDocument>>

/** What a run cuts: one segment a text, on a page each. */
const cutOf = (
  { documentId }: Pick<Made, "documentId">,
  texts: ReadonlyArray<string>
): ReadonlyArray<NewSegment> => {
  const identify = identities({ documentId, spaceId: space.id })
  return texts.map((text, ordinal) => ({
    ...identify({ headingPath: [], text }),
    ordinal,
    text,
    headingPath: [],
    tokens: text.length,
    language: "en",
    boxes: [{ page: ordinal + 1, x0: 0, y0: 0, x1: 1, y1: 1 }]
  }))
}

/** Publishes a version of these texts, as the stages do it, without embedding and indexing. */
export const publish = Effect.fnUntraced(function*(caller: Caller, made: Made, texts: ReadonlyArray<string>, options: {
  readonly runId?: RunId
  readonly edits?: "keep" | "discard"
} = {}) {
  const cut = yield* begin(caller, made, texts, options)
  return yield* cut.end
})

/** The same in two steps: between them a run has cut, and not published. */
export const begin = Effect.fnUntraced(function*(caller: Caller, made: Made, texts: ReadonlyArray<string>, options: {
  readonly runId?: RunId
  readonly edits?: "keep" | "discard"
} = {}) {
  const { tenantId } = caller
  const { datasetId, documentId } = made
  const datasets = yield* DatasetsRepo
  const documents = yield* DocumentsRepo
  const segments = yield* SegmentsRepo
  const sql = yield* SqlClient.SqlClient
  const keep = yield* keepChanges
  const runId = options.runId ?? (yield* newId(RunId))
  if (options.runId === undefined) {
    yield* transact(sql)(documents.insertRun(tenantId, {
      datasetId,
      documentId,
      runId,
      config: { space, chunking: { method: "general" }, lane: "interactive", edits: options.edits ?? "keep" },
      actor: caller.actor
    }))
  }
  yield* transact(sql)(segments.add(tenantId, { datasetId, documentId, runId, spaceId: space.id }, cutOf(made, texts)))
  const end = transact(sql)(Effect.gen(function*() {
    const held = some(yield* documents.lock(tenantId, documentId))
    const cut = yield* segments.totals(tenantId, runId)
    const kept = yield* keep({ tenantId, documentId, runId, size: cut.segments })
    yield* kept.carryOut
    const totals = { segments: cut.segments + kept.segments, tokens: cut.tokens + kept.tokens }
    yield* documents.publish(tenantId, documentId, { runId, pages: 0, ...totals })
    yield* datasets.count(tenantId, datasetId, {
      segments: totals.segments - held.segments,
      tokens: totals.tokens - held.tokens
    })
    return runId
  }))
  return { runId, end }
})

/** All segments that readers see, in their order. */
export const all = Effect.fnUntraced(function*(caller: Caller, { documentId }: Pick<Made, "documentId">) {
  const segments = yield* SegmentsRepo
  const items: Array<Segment> = []
  for (let page = some(yield* segments.list(caller, { documentId, limit: 200 }));;) {
    items.push(...page.items)
    if (page.next === undefined) return items
    page = some(yield* segments.list(caller, { documentId, limit: 200, cursor: page.next }))
  }
})

/** Fails unless what document and dataset count is what there is. */
export const recount = Effect.fnUntraced(function*(caller: Caller, { datasetId, documentId }: Omit<Made, "runId">) {
  const sql = yield* SqlClient.SqlClient
  const datasets = yield* DatasetsRepo
  const [document] = yield* sql`select d.segments, d.tokens,
      (select count(*)::int from run_segments rs where rs.run_id = d.published_run_id) as counted,
      (select coalesce(sum(s.tokens), 0)::int from run_segments rs join segments s on s.id = rs.segment_id
        where rs.run_id = d.published_run_id) as counted_tokens
    from documents d where d.id = ${documentId}`
  const dataset = Option.getOrThrow(yield* datasets.find(caller, datasetId))
  const { counted, countedTokens, segments, tokens } = document as Record<string, number>
  const expected = { segments: counted, tokens: countedTokens }
  for (const [name, counts] of Object.entries({ document: { segments, tokens }, dataset })) {
    if (counts.segments !== expected.segments || counts.tokens !== expected.tokens) {
      return yield* Effect.die(
        new Error(`${name} counts ${counts.segments}/${counts.tokens}, and there are ${counted}/${countedTokens}`)
      )
    }
  }
})
