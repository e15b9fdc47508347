import type { Standing } from "@sheaf/adapters/repos/documents/StandingRepo"
import type { RunContext, RunsRepo } from "@sheaf/adapters/repos/runs/RunsRepo"
import { inPageOrder } from "@sheaf/adapters/repos/runs/unitSpec"
import { CannotPreview, type PreviewObstacle } from "@sheaf/domain/documents/Preview"
import type { RunId, TenantId } from "@sheaf/domain/ids"
import type { Effective } from "@sheaf/domain/runs/effective"
import type { ParsingSettings } from "@sheaf/domain/runs/RunSettings"
import { Effect, Equal, Option } from "effect"

/** What a run has made that can be cut: the names of its elements, in their order. */
interface Parsed {
  readonly runId: RunId
  readonly artefacts: ReadonlyArray<string>
}

/**
 * Finds what can be cut as if it were parsed with these settings: of the newest run, as soon as it has parsed all, or else of the version
 * that serves.
 */
export const makeFindParsed = (runs: RunsRepo["Service"]) => {
  const madeBy = Effect.fnUntraced(function*(
    tenantId: TenantId,
    runId: RunId,
    together: Effective
  ): Effect.fn.Return<Parsed | PreviewObstacle> {
    const found = yield* runs.context(tenantId, runId)
    if (Option.isNone(found)) return "notParsed"
    const { config } = found.value
    if (!Equal.equals(elementsBy(config.parsing), elementsBy(together.parsing))) return "otherParsing"
    const clean = cleanOf(together)
    if (clean.length > 0 && !Equal.equals(clean, cleanOf(config))) return "otherCleaning"
    const units = yield* runs.units(tenantId, runId, clean.length > 0 ? "clean" : "parse")
    const ordered = clean.length > 0 ? units : inPageOrder(units)
    const artefacts = ordered.flatMap(({ artefact, state }) => state === "done" && artefact !== null ? [artefact] : [])
    return artefacts.length === 0 || artefacts.length < units.length ? "notParsed" : { runId, artefacts }
  })

  return Effect.fnUntraced(function*(
    tenantId: TenantId,
    { documentId, publishedRunId, run }: Standing,
    together: Effective
  ): Effect.fn.Return<Parsed, CannotPreview> {
    const newest = run?.id ?? null
    let obstacle: PreviewObstacle = "notParsed"
    for (const runId of new Set([newest, publishedRunId])) {
      if (runId === null) continue
      const made = yield* madeBy(tenantId, runId, together)
      if (typeof made === "object") return made
      if (obstacle === "notParsed") obstacle = made
    }
    return yield* new CannotPreview({ documentId, obstacle })
  })
}

/** What text the elements have; pictures of tables change none of it. */
const elementsBy = (parsing: ParsingSettings = {}) => ({ markup: parsing.markup ?? null, pages: parsing.pages ?? null })

const cleanOf = ({ pipeline }: Pick<RunContext["config"], "pipeline"> | Pick<Effective, "pipeline">) =>
  pipeline?.clean ?? []
