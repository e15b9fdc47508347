import { Effect } from "effect"
import { gather } from "../evidence/Facts.ts"
import { listed } from "../evidence/Findings.ts"
import { judge } from "../evidence/judge.ts"
import type { Actor } from "../world/Actor.ts"
import { isShown, type ModelDocument, statusOf } from "./Model.ts"
import type { Trial } from "./take.ts"

/** What is otherwise than the model says, in words. Everything must be at rest. */
export const compare = Effect.fn("model.compare")(function*(trial: Trial) {
  const findings: Array<string> = []
  for (const [tenant, actor] of trial.actors.entries()) {
    const told = (line: string) => findings.push(`tenant ${tenant}: ${line}`)
    const judged = judge(yield* gather(trial.stage.installation, actor().tenant.tenantId))
    listed(judged).forEach(told)
    for (const document of trial.model.documents.filter((document) => document.tenant === tenant)) {
      ;(yield* compareDocument(actor(), document)).forEach((line) => told(`${document.name}: ${line}`))
    }
    for (const at of trial.model.datasets[tenant]!.keys()) {
      ;(yield* compareDataset(trial, actor(), tenant, at)).forEach((line) => told(`dataset ${at}: ${line}`))
    }
  }
  return findings
})

const compareDocument = Effect.fnUntraced(function*({ call, client }: Actor, document: ModelDocument) {
  const { id: documentId } = document
  const found = yield* Effect.result(call(client.DocumentsGet({ documentId })))
  if (found._tag === "Failure") return document.deleted ? [] : [`it is gone: ${found.failure.tag}`]
  if (document.deleted) return ["it is there again"]
  const { enabled, metadata, name, status } = found.success
  const findings = differ("status", statusOf(document), status)
  findings.push(...differ("name", document.name, name))
  findings.push(...differ("enabled", document.enabled, enabled))
  findings.push(...differ("kind", document.kind, metadata["kind"]))
  const listed = yield* Effect.result(call(client.SegmentsList({ documentId, limit: 100 })))
  const segments = listed._tag === "Success" ? listed.success.items : []
  findings.push(
    ...differ(
      "segments",
      lines(document.segments ?? []),
      lines(segments.map(({ enabled, text }) => ({ enabled, text })))
    )
  )
  return findings
})

const compareDataset = Effect.fnUntraced(
  function*({ model }: Trial, { call, client }: Actor, tenant: number, at: number) {
    const { deleted, id: datasetId } = model.datasets[tenant]![at]!
    const found = yield* Effect.result(call(client.DatasetsGet({ datasetId })))
    if (found._tag === "Failure") return deleted ? [] : [`it is gone: ${found.failure.tag}`]
    if (deleted) return ["it is there again"]
    const documents = model.documents.filter(
      (document) => document.tenant === tenant && document.dataset === at && !document.deleted
    )
    const segments = documents.flatMap(({ segments }) => segments ?? [])
    const findings = differ("documents", documents.length, found.success.documents)
    findings.push(...differ("segments counted", segments.length, found.success.segments))
    const { hits } = yield* call(
      client.SearchQuery({ text: "watch", mode: "keyword", datasetIds: [datasetId], limit: 100 })
    )
    const wanted = documents.filter(isShown).flatMap(({ segments }) => segments ?? []).filter(({ enabled }) => enabled)
    findings.push(
      ...differ("found by searching", wanted.map(({ text }) => text).sort(), hits.map(({ text }) => text).sort())
    )
    return findings
  }
)

const lines = (segments: ReadonlyArray<{ readonly text: string; readonly enabled: boolean }>) =>
  segments.map(({ enabled, text }) => `${enabled ? "+" : "-"} ${text}`)

const differ = (what: string, wanted: unknown, found: unknown): Array<string> => {
  const [left, right] = [JSON.stringify(wanted), JSON.stringify(found)]
  return left === right ? [] : [`${what} should be ${left} and is ${right}`]
}
