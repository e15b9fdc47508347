import type { PageOptions } from "@sheaf/adapters/repos/datasets/DatasetsRepo"
import { PipelineSecretsRepo } from "@sheaf/adapters/repos/pipelines/PipelineSecretsRepo"
import { PipelinesRepo } from "@sheaf/adapters/repos/pipelines/PipelinesRepo"
import { patternProblem } from "@sheaf/adapters/text/pattern"
import type { Caller } from "@sheaf/domain/edge/Caller"
import { BadRequest } from "@sheaf/domain/edge/errors"
import type { PageCursor, PipelineId } from "@sheaf/domain/ids"
import { checkPipeline } from "@sheaf/domain/pipelines/checkPipeline"
import { PipelineInUse, PipelineInvalid, PipelineNameTaken, PipelineNotFound } from "@sheaf/domain/pipelines/errors"
import { Pipeline, type PipelineDefinition } from "@sheaf/domain/pipelines/Pipeline"
import { Context, Effect, Layer, Option, Redacted } from "effect"
import { pageOr } from "../edge/pageOr.ts"
import { secretsOf, withoutSecrets, withSigned } from "./secretsOf.ts"

interface Named {
  readonly pipelineId: PipelineId
}

type Refused = PipelineNameTaken | PipelineInvalid | BadRequest

/** Ways for documents that a tenant makes up itself. Changes are part of the caller's transaction. */
export class Pipelines extends Context.Service<Pipelines, {
  readonly create: (caller: Caller, pipeline: {
    readonly name: string
    readonly description?: string
    readonly definition: PipelineDefinition
  }) => Effect.Effect<Pipeline, Refused>
  readonly get: (
    caller: Caller,
    pipeline: Named & { readonly version?: number }
  ) => Effect.Effect<Pipeline, PipelineNotFound>
  readonly list: (caller: Caller, options: PageOptions & { readonly name?: string }) => Effect.Effect<
    { readonly items: ReadonlyArray<Pipeline>; readonly next?: PageCursor },
    BadRequest
  >
  readonly update: (
    caller: Caller,
    change: Named & {
      readonly name?: string
      readonly description?: string
      readonly definition?: PipelineDefinition
    }
  ) => Effect.Effect<Pipeline, Refused | PipelineNotFound>
  readonly remove: (caller: Caller, pipeline: Named) => Effect.Effect<void, PipelineNotFound | PipelineInUse>
}>()("@sheaf/server/pipelines/Pipelines") {
  static readonly layer = Layer.effect(
    Pipelines,
    Effect.gen(function*() {
      const repo = yield* PipelinesRepo
      const secrets = yield* PipelineSecretsRepo

      /** As it is answered: which steps sign is said, and with what is not. */
      const shown = Effect.fnUntraced(function*({ tenantId }: Caller, pipeline: Pipeline) {
        const signed = yield* secrets.steps(tenantId, pipeline.id)
        return new Pipeline({ ...pipeline, definition: withSigned(pipeline.definition, signed) })
      })

      const get: Pipelines["Service"]["get"] = Effect.fn("Pipelines.get")(function*(caller, { pipelineId, version }) {
        const which = version === undefined ? {} : { version }
        const found = yield* repo.find(caller.tenantId, { id: pipelineId, ...which })
        if (Option.isNone(found)) return yield* new PipelineNotFound({ pipelineId, ...which })
        return yield* shown(caller, found.value)
      })

      const list: Pipelines["Service"]["list"] = Effect.fn("Pipelines.list")(function*(caller, options) {
        const page = yield* pageOr(repo.list(caller.tenantId, options))
        return { ...page, items: yield* Effect.forEach(page.items, (pipeline) => shown(caller, pipeline)) }
      })

      const check = (definition: PipelineDefinition) => {
        const problems = checkPipeline(definition, patternProblem)
        return problems.length === 0 ? Effect.void : Effect.fail(new PipelineInvalid({ problems }))
      }

      const nameTaken = Effect.fnUntraced(function*({ tenantId }: Caller, name: string) {
        const owner = yield* repo.idOfName(tenantId, name)
        // Gone in the meantime, on a database with several sessions: the caller may try again.
        if (Option.isNone(owner)) return yield* Effect.die(new Error(`the name ${name} was taken and is free again`))
        return yield* new PipelineNameTaken({ name, pipelineId: owner.value })
      })

      const keep = ({ tenantId }: Caller, pipelineId: PipelineId, definition: PipelineDefinition) =>
        Effect.forEach(
          secretsOf(definition),
          ([step, secret]) => secrets.set(tenantId, pipelineId, step, Redacted.make(secret)),
          { discard: true }
        ).pipe(Effect.mapError(({ message }) => new BadRequest({ reason: message })))

      const create: Pipelines["Service"]["create"] = Effect.fn("Pipelines.create")(
        function*(caller, { definition, description = "", name }) {
          yield* check(definition)
          const made = yield* repo.insert(caller, { name, description, definition: withoutSecrets(definition) })
          if (Option.isNone(made)) return yield* nameTaken(caller, name)
          yield* keep(caller, made.value, definition)
          return yield* Effect.orDie(get(caller, { pipelineId: made.value }))
        }
      )

      const update: Pipelines["Service"]["update"] = Effect.fn("Pipelines.update")(
        function*(caller, { definition, pipelineId, ...change }) {
          if (definition !== undefined) yield* check(definition)
          if (Option.isNone(yield* repo.lock(caller.tenantId, pipelineId))) {
            return yield* new PipelineNotFound({ pipelineId })
          }
          const outcome = yield* repo.rename(caller.tenantId, pipelineId, change)
          // Only a change of the name can find it taken.
          if (outcome === "nameTaken") return yield* nameTaken(caller, change.name ?? "")
          if (definition !== undefined) {
            yield* repo.addVersion(caller, pipelineId, withoutSecrets(definition))
            yield* keep(caller, pipelineId, definition)
          }
          return yield* get(caller, { pipelineId })
        }
      )

      const remove: Pipelines["Service"]["remove"] = Effect.fn("Pipelines.remove")(function*(caller, { pipelineId }) {
        // Whoever chooses it now waits for us, and then finds it gone.
        if (Option.isNone(yield* repo.lock(caller.tenantId, pipelineId))) {
          return yield* new PipelineNotFound({ pipelineId })
        }
        const { datasetCount, datasets, documents, runs } = yield* repo.users(caller, pipelineId)
        if (datasetCount + documents + runs > 0) {
          return yield* new PipelineInUse({ pipelineId, datasets, documents, runs })
        }
        yield* repo.remove(caller.tenantId, pipelineId)
      })

      return Pipelines.of({ create, get, list, update, remove })
    })
  )
}
