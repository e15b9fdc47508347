import type { EffectiveSettings } from "@sheaf/domain/documents/ControlRpcs"
import { DocumentNotFound, StateConflict } from "@sheaf/domain/documents/errors"
import { BadRequest } from "@sheaf/domain/edge/errors"
import { type DocumentId, JobId, type RunId, type TenantId } from "@sheaf/domain/ids"
import type { Lane } from "@sheaf/domain/jobs/Job"
import { isFinal, type Run, type RunCause } from "@sheaf/domain/runs/Run"
import type { Edits, RetryUnits, RunSettings } from "@sheaf/domain/runs/RunSettings"
import { PipelineNotFound } from "@sheaf/domain/pipelines/errors"
import { mergeSettings } from "@sheaf/domain/runs/effective"
import { Context, Effect, Layer, Option, type Redacted } from "effect"
import { DatasetsRepo } from "../repos/datasets/DatasetsRepo.ts"
import { derivedId } from "../repos/derivedId.ts"
import { DocumentSecretsRepo } from "../repos/documents/DocumentSecretsRepo.ts"
import { DocumentsRepo } from "../repos/documents/DocumentsRepo.ts"
import { Intake } from "../repos/documents/Intake.ts"
import { type Standing, StandingRepo } from "../repos/documents/StandingRepo.ts"
import { EventsRepo } from "../repos/events/EventsRepo.ts"
import { JobsRepo } from "../repos/jobs/JobsRepo.ts"
import { PipelinesRepo } from "../repos/pipelines/PipelinesRepo.ts"
import { puttingTogether } from "../repos/pipelines/putTogether.ts"
import { HistoryRepo } from "../repos/runs/HistoryRepo.ts"
import { RunControlRepo } from "../repos/runs/RunControlRepo.ts"
import { RunsRepo } from "../repos/runs/RunsRepo.ts"
import type { By } from "./By.ts"

interface Named {
  readonly documentId: DocumentId
}

/** What a run is begun with. */
export interface RunOptions {
  readonly settings?: RunSettings
  /** Whether later runs have the settings too. Default true. */
  readonly keep?: boolean
  readonly lane?: Lane
  readonly edits?: Edits
  /** What the file is opened with, from this run on. */
  readonly password?: Redacted.Redacted
}

type Refused = DocumentNotFound | StateConflict

/** The runs of documents: begun, stopped, held up. Every method is part of the caller's transaction. */
export class Control extends Context.Service<Control, {
  /** Ends the newest run for good and stops whoever works for it. */
  readonly cancel: (by: By, document: Named) => Effect.Effect<Run, Refused>
  /** Takes the work of the newest run back from whoever does it, until it is resumed. No attempt is counted. */
  readonly pause: (by: By, document: Named) => Effect.Effect<Run, Refused>
  readonly resume: (by: By, document: Named) => Effect.Effect<Run, Refused>
  /** Moves what the newest run owes into a lane. */
  readonly prioritise: (by: By, document: Named & { readonly lane: Lane }) => Effect.Effect<Run, Refused>
  /** Begins another run with the settings that the document has. */
  readonly retry: (
    by: By,
    document: Named & { readonly units?: RetryUnits; readonly lane?: Lane }
  ) => Effect.Effect<Run, Refused>
  /** Begins another run, with other settings if some are given. */
  readonly run: (by: By, document: Named & RunOptions) => Effect.Effect<Run, Refused | BadRequest | PipelineNotFound>
  /** What the document has of its own from its next run on: laid over what it has. */
  readonly keep: (
    by: By,
    document: Named & { readonly settings: RunSettings }
  ) => Effect.Effect<void, DocumentNotFound | BadRequest | PipelineNotFound>
  /** With which settings its next run would be begun, and with which its newest one was. */
  readonly settings: (by: By, document: Named) => Effect.Effect<EffectiveSettings, DocumentNotFound>
  /** Sees to it that the document is worked on: answers the run that is at work, or begins another. Forgets what was given up. */
  readonly begin: (by: By, document: Named & { readonly lane: Lane }) => Effect.Effect<RunId, DocumentNotFound>
  /** Ends the run that is at work, if there is one, because the document goes. Leaves what it built to the document's purge. */
  readonly stop: (by: By, document: Named) => Effect.Effect<boolean, DocumentNotFound>
}>()("@sheaf/adapters/lifecycle/Control") {
  static readonly layer = Layer.effect(
    Control,
    Effect.gen(function*() {
      const control = yield* RunControlRepo
      const datasets = yield* DatasetsRepo
      const documents = yield* DocumentsRepo
      const events = yield* EventsRepo
      const history = yield* HistoryRepo
      const intake = yield* Intake
      const passwords = yield* DocumentSecretsRepo
      const jobs = yield* JobsRepo
      const runs = yield* RunsRepo
      const putTogether = puttingTogether(yield* PipelinesRepo)
      const standings = yield* StandingRepo

      const standing = Effect.fnUntraced(function*(tenantId: TenantId, documentId: DocumentId) {
        const found = yield* standings.find(tenantId, documentId)
        if (Option.isNone(found)) return yield* new DocumentNotFound({ documentId })
        return found.value
      })

      /** The document does not do what `action` needs, or does it no longer. */
      const refuse = Effect.fnUntraced(function*({ tenantId }: By, { documentId }: Named, action: string) {
        const now = yield* standing(tenantId, documentId)
        return yield* new StateConflict({ documentId, status: now.status, action, allowed: allowed(now.run) })
      })

      /** The newest run as it is now. */
      const newest = Effect.fnUntraced(function*({ tenantId }: By, { documentId }: Named) {
        const { run } = yield* standing(tenantId, documentId)
        return run === null ? yield* Effect.die(new Error(`document ${documentId} has no run`)) : run
      })

      /** Does something to the run that is at work. The run is locked before its jobs: so nobody waits in a circle. */
      const toRun = Effect.fnUntraced(function*(
        by: By,
        document: Named,
        action: string,
        change: (tenantId: TenantId, runId: RunId, standing: Standing) => Effect.Effect<boolean>
      ) {
        const now = yield* standing(by.tenantId, document.documentId)
        if (now.run === null || isFinal(now.run.state)) return yield* refuse(by, document, action)
        if (!(yield* change(by.tenantId, now.run.id, now))) return yield* refuse(by, document, action)
        return yield* newest(by, document)
      })

      const end = Effect.fnUntraced(function*(tenantId: TenantId, runId: RunId, { datasetId, documentId }: Standing) {
        if (!(yield* runs.end(tenantId, runId, "cancelled"))) return false
        yield* jobs.dropRun(tenantId, runId)
        yield* events.append(tenantId, { _tag: "RunCancelled", datasetId, documentId, runId })
        return true
      })

      const cancel: Control["Service"]["cancel"] = Effect.fn("Control.cancel")(function*(by, document) {
        return yield* toRun(
          by,
          document,
          "be cancelled",
          (tenantId, runId, now) =>
            Effect.tap(end(tenantId, runId, now), (ended) =>
              ended
                ? jobs.enqueue(tenantId, [{
                  id: JobId.make(derivedId("purge", runId)),
                  lane: "bulk",
                  job: { _tag: "PurgeRun", version: 1, datasetId: now.datasetId, documentId: now.documentId, runId }
                }])
                : Effect.void)
        )
      })

      const stop: Control["Service"]["stop"] = Effect.fn("Control.stop")(function*({ tenantId }, { documentId }) {
        const now = yield* standing(tenantId, documentId)
        return now.run !== null && !isFinal(now.run.state) && (yield* end(tenantId, now.run.id, now))
      })

      /** Part of a transaction that holds the document. */
      const beginRun = Effect.fnUntraced(function*(
        { actor, tenantId }: By,
        { datasetId, documentId, edition, settings }: Standing,
        options: Omit<RunOptions, "keep" | "password"> & { readonly why: RunCause }
      ) {
        const { edits, lane = "interactive", settings: given = {}, why } = options
        const held = yield* datasets.hold(tenantId, datasetId)
        if (Option.isNone(held)) return yield* new DocumentNotFound({ documentId })
        const { space, ...dataset } = held.value
        const together = yield* putTogether(tenantId, { dataset, document: settings, run: given })
        yield* jobs.forgetDead(tenantId, documentId)
        const config = { ...together, space, lane, edition, why, ...(edits !== undefined && { edits }) }
        return yield* intake.begin({ tenantId, datasetId, documentId, config, actor })
      })

      /** The document, held until the end of the transaction. */
      const hold = Effect.fnUntraced(function*({ tenantId }: By, { documentId }: Named) {
        yield* standing(tenantId, documentId)
        yield* documents.lock(tenantId, documentId)
        return yield* standing(tenantId, documentId)
      })
      const atWork = ({ run }: Standing): RunId | null => run === null || isFinal(run.state) ? null : run.id

      // What a dataset and a document have was checked when it was given.
      const neverBad = <A, E>(effect: Effect.Effect<A, E | BadRequest | PipelineNotFound>) =>
        effect.pipe(
          Effect.catchIf(
            (error): error is E & (BadRequest | PipelineNotFound) =>
              error instanceof BadRequest || error instanceof PipelineNotFound,
            Effect.die
          )
          // What is left is everything else: the type checker cannot subtract from a type parameter.
        ) as Effect.Effect<A, Exclude<E, BadRequest | PipelineNotFound>>

      const retry: Control["Service"]["retry"] = Effect.fn("Control.retry")(function*(by, { units, ...document }) {
        const { documentId, lane } = document
        const now = yield* hold(by, document)
        if (atWork(now) !== null) return yield* refuse(by, document, "be retried")
        const isAll = units === "all"
        if (isAll) yield* standings.nextEdition(by.tenantId, documentId)
        yield* neverBad(beginRun(by, { ...now, edition: now.edition + (isAll ? 1 : 0) }, {
          why: "retry",
          ...(lane !== undefined && { lane })
        }))
        return yield* newest(by, document)
      })

      /** What the document has of its own from now on. */
      const keepSettings = Effect.fnUntraced(
        function*({ tenantId }: By, { datasetId, documentId, settings }: Standing, given: RunSettings) {
          const held = yield* datasets.hold(tenantId, datasetId)
          if (Option.isNone(held)) return yield* new DocumentNotFound({ documentId })
          yield* putTogether(tenantId, { dataset: held.value, document: settings, run: given })
          const kept = mergeSettings(settings, given, held.value.chunking.method)
          yield* standings.setSettings(tenantId, documentId, kept)
          return kept
        }
      )

      const keep: Control["Service"]["keep"] = Effect.fn("Control.keep")(function*(by, { settings, ...document }) {
        yield* keepSettings(by, yield* hold(by, document), settings)
      })

      const run: Control["Service"]["run"] = Effect.fn("Control.run")(
        function*(by, { keep = true, password, ...options }) {
          const now = yield* hold(by, options)
          if (atWork(now) !== null) return yield* refuse(by, options, "be run again")
          if (password !== undefined) {
            yield* passwords.set(by.tenantId, now.documentId, password).pipe(
              Effect.mapError(({ message }) => new BadRequest({ reason: message }))
            )
          }
          const { settings: given, ...rest } = options
          const kept = keep && given !== undefined ? yield* keepSettings(by, now, given) : undefined
          yield* kept === undefined
            ? beginRun(by, now, { ...options, why: "run" })
            : beginRun(by, { ...now, settings: kept }, { ...rest, why: "run" })
          return yield* newest(by, options)
        }
      )

      const settings: Control["Service"]["settings"] = Effect.fn("Control.settings")(
        function*({ tenantId }, { documentId }) {
          const now = yield* standing(tenantId, documentId)
          const held = yield* datasets.hold(tenantId, now.datasetId)
          if (Option.isNone(held)) return yield* new DocumentNotFound({ documentId })
          const together = yield* neverBad(
            putTogether(tenantId, { dataset: held.value, document: now.settings, run: {} })
          )
          const newest = yield* history.newestSettings(tenantId, documentId)
          const isOpened = yield* passwords.has(tenantId, documentId)
          return {
            values: isOpened ? [...together.values, passwordSet] : together.values,
            newest: Option.getOrNull(newest)
          }
        }
      )

      const begin: Control["Service"]["begin"] = Effect.fn("Control.begin")(function*(by, { lane, ...document }) {
        const now = yield* hold(by, document)
        const running = atWork(now)
        if (running === null) return yield* neverBad(beginRun(by, now, { lane, why: "requeued" }))
        yield* jobs.forgetDead(by.tenantId, now.documentId)
        return running
      })

      return Control.of({
        cancel,
        stop,
        pause: (by, document) => toRun(by, document, "be paused", control.pause),
        resume: (by, document) => toRun(by, document, "be resumed", control.resume),
        prioritise: (by, { lane, ...document }) =>
          toRun(by, document, "change its lane", (tenantId, runId) => control.prioritise(tenantId, runId, lane)),
        retry,
        run,
        keep,
        settings,
        begin
      })
    })
  )
}

/** That there is one is all that is said of a password. */
const passwordSet = { name: "parsing.password", value: "set", origin: "document" } as const

/** What its runs can be told, in the words of the operations. */
const allowed = (run: Run | null): ReadonlyArray<string> => {
  if (run === null || isFinal(run.state)) return ["retry", "run"]
  return run.paused ? ["resume", "cancel", "prioritise"] : ["pause", "cancel", "prioritise"]
}
