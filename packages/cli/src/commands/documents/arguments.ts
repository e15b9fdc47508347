import { DocumentStatus } from "@sheaf/domain/documents/status"
import { explain } from "@sheaf/domain/documents/FailureCause"
import type { Run } from "@sheaf/domain/runs/Run"
import { Argument, Flag } from "effect/cli"
import { repeated } from "../../settings/repeated.ts"

export const id = Argument.String("document").pipe(Argument.withDescription("Id of the document"))

export const lane = Flag.Literals("lane", ["interactive", "bulk"]).pipe(
  Flag.withDescription("`bulk` lets other work go first")
)

/** Documents by their ids, or those of a dataset that fit. */
export const which = {
  ids: Argument.String("document").pipe(Argument.withDescription("Ids of documents"), Argument.variadic()),
  dataset: Flag.String("dataset").pipe(
    Flag.withAlias("d"),
    Flag.withDescription("All documents of this dataset that fit --status and --name, in place of ids"),
    Flag.optional
  ),
  status: Flag.Literals("status", DocumentStatus.literals).pipe(
    Flag.withDescription("Only documents of this status; may be given several times"),
    repeated
  ),
  name: Flag.String("name").pipe(Flag.withDescription("Only documents with this in their name"), Flag.optional),
  background: Flag.Boolean("background").pipe(
    Flag.withDescription("Do not wait until every document had its turn"),
    Flag.withDefault(false)
  )
}

/** Why a run failed, or what it waits for; nothing where all is well. */
export const causeOf = (run: Run | null): string =>
  run?.cause
    ? `${run.cause._tag}: ${explain(run.cause).message}`
    : run?.waitingFor
    ? `waiting for ${run.waitingFor}`
    : ""
