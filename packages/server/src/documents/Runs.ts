import { Control, type RunOptions } from "@sheaf/adapters/lifecycle/Control"
import type { PageOptions } from "@sheaf/adapters/repos/datasets/DatasetsRepo"
import { HistoryRepo } from "@sheaf/adapters/repos/runs/HistoryRepo"
import type { EffectiveSettings } from "@sheaf/domain/documents/ControlRpcs"
import type { DocumentNotFound, StateConflict } from "@sheaf/domain/documents/errors"
import type { Caller } from "@sheaf/domain/edge/Caller"
import type { BadRequest } from "@sheaf/domain/edge/errors"
import type { DocumentId, PageCursor, RunId } from "@sheaf/domain/ids"
import type { Lane } from "@sheaf/domain/jobs/Job"
import type { PipelineNotFound } from "@sheaf/domain/pipelines/errors"
import type { RecordedRun, Run } from "@sheaf/domain/runs/Run"
import type { RetryUnits } from "@sheaf/domain/runs/RunSettings"
import { Context, Effect, Layer } from "effect"
import { pageOr } from "../edge/pageOr.ts"
import { Documents } from "./Documents.ts"

interface Named {
  readonly documentId: DocumentId
}

type Controlled = Effect.Effect<Run, DocumentNotFound | StateConflict>

/** The runs of documents that a caller may see. Changes are part of the caller's transaction. */
export class Runs extends Context.Service<Runs, {
  readonly list: (caller: Caller, options: Named & PageOptions) => Effect.Effect<
    { readonly items: ReadonlyArray<RecordedRun>; readonly next?: PageCursor },
    DocumentNotFound | BadRequest
  >
  readonly settings: (caller: Caller, document: Named) => Effect.Effect<EffectiveSettings, DocumentNotFound>
  readonly run: (
    caller: Caller,
    document: Named & RunOptions
  ) => Effect.Effect<Run, DocumentNotFound | StateConflict | BadRequest | PipelineNotFound>
  readonly retry: (
    caller: Caller,
    document: Named & { readonly units?: RetryUnits; readonly lane?: Lane }
  ) => Controlled
  readonly cancel: (caller: Caller, document: Named) => Controlled
  readonly pause: (caller: Caller, document: Named) => Controlled
  readonly resume: (caller: Caller, document: Named) => Controlled
  readonly prioritise: (caller: Caller, document: Named & { readonly lane: Lane }) => Controlled
  /** Sees to it that the document is worked on: answers the run that is at work, or begins another, and forgets what was given up. */
  readonly begin: (caller: Caller, document: Named & { readonly lane: Lane }) => Effect.Effect<RunId, DocumentNotFound>
}>()("@sheaf/server/documents/Runs") {
  static readonly layer = Layer.effect(
    Runs,
    Effect.gen(function*() {
      const control = yield* Control
      const documents = yield* Documents
      const history = yield* HistoryRepo

      /** A method of the rules, for callers who may see the document. */
      const seen = <Options extends Named, A, E>(
        method: (
          by: { readonly tenantId: Caller["tenantId"]; readonly actor: Caller["actor"] },
          options: Options
        ) => Effect.Effect<A, E>
      ) =>
      (caller: Caller, options: Options) =>
        Effect.andThen(
          documents.get(caller, { documentId: options.documentId }),
          method({ tenantId: caller.tenantId, actor: caller.actor }, options)
        )

      return Runs.of({
        list: seen((by, options) => pageOr(history.list(by.tenantId, options))),
        settings: seen(control.settings),
        run: seen(control.run),
        retry: seen(control.retry),
        cancel: seen(control.cancel),
        pause: seen(control.pause),
        resume: seen(control.resume),
        prioritise: seen(control.prioritise),
        begin: seen(control.begin)
      })
    })
  )
}
