import { PipelineId, TenantId } from "@sheaf/domain/ids"
import { Context, Effect, Layer, Option, type Redacted, Schema } from "effect"
import { SqlClient } from "effect/sql"
import { keyIdOf, type NoSecretKey, Sealed, Secrets, type SecretUnreadable } from "../../secrets/Secrets.ts"
import { done, maybeRow, rows } from "../rows.ts"
import { sealingAgain } from "../sealingAgain.ts"

const Row = Schema.Struct({ tenantId: TenantId, pipelineId: PipelineId, step: Schema.String, sealed: Sealed })

/** Whose secret it is: sealed for one step of one pipeline, it opens for no other. */
const ownerOf = (tenantId: TenantId, pipelineId: PipelineId, step: string) => ["pipelines", tenantId, pipelineId, step]

/** What the HTTP steps of pipelines sign with, sealed. Nobody but the worker that signs ever opens one. */
export class PipelineSecretsRepo extends Context.Service<PipelineSecretsRepo, {
  /** The names of the steps that have one. */
  readonly steps: (tenantId: TenantId, pipelineId: PipelineId) => Effect.Effect<ReadonlySet<string>>
  readonly set: (
    tenantId: TenantId,
    pipelineId: PipelineId,
    step: string,
    secret: Redacted.Redacted
  ) => Effect.Effect<void, NoSecretKey>
  readonly open: (
    tenantId: TenantId,
    pipelineId: PipelineId,
    step: string
  ) => Effect.Effect<Option.Option<Redacted.Redacted>, SecretUnreadable>
  /** Seals what another key has sealed, of any tenant, with the newest one. Answers how many it looked at. */
  readonly sealAgain: Effect.Effect<number>
}>()("@sheaf/adapters/repos/pipelines/PipelineSecretsRepo") {
  static readonly layer = Layer.effect(
    PipelineSecretsRepo,
    Effect.gen(function*() {
      const sql = yield* SqlClient.SqlClient
      const box = yield* Secrets

      const names = rows(Schema.Struct({ step: Schema.String }))
      const found = maybeRow(Schema.Struct({ sealed: Sealed }))
      const stale = rows(Row)

      const write = (tenantId: TenantId, pipelineId: PipelineId, step: string, sealed: Sealed) =>
        done(sql`insert into pipeline_secrets (tenant_id, pipeline_id, step, sealed, key_id)
          values (${tenantId}, ${pipelineId}, ${step}, ${sealed}, ${keyIdOf(sealed)})
          on conflict (tenant_id, pipeline_id, step) do update set sealed = excluded.sealed, key_id = excluded.key_id`)

      const open: PipelineSecretsRepo["Service"]["open"] = Effect.fn("PipelineSecretsRepo.open")(
        function*(tenantId, pipelineId, step) {
          const row = yield* found(sql`select sealed from pipeline_secrets
            where tenant_id = ${tenantId} and pipeline_id = ${pipelineId} and step = ${step}`)
          if (Option.isNone(row)) return Option.none()
          return Option.some(yield* box.open(row.value.sealed, ownerOf(tenantId, pipelineId, step)))
        }
      )

      return PipelineSecretsRepo.of({
        steps: (tenantId, pipelineId) =>
          Effect.map(
            names(sql`select step from pipeline_secrets where tenant_id = ${tenantId} and pipeline_id = ${pipelineId}`),
            (all) => new Set(all.map(({ step }) => step))
          ),
        set: (tenantId, pipelineId, step, secret) =>
          Effect.flatMap(
            box.seal(secret, ownerOf(tenantId, pipelineId, step)),
            (sealed) => write(tenantId, pipelineId, step, sealed)
          ),
        open,
        sealAgain: sealingAgain<typeof Row.Type>(box, {
          stale: (keyId, last, limit) => {
            const after = last === undefined
              ? sql``
              : sql`and (tenant_id, pipeline_id, step) > (${last.tenantId}::uuid, ${last.pipelineId}::uuid, ${last.step})`
            return stale(sql`select tenant_id, pipeline_id, step, sealed from pipeline_secrets
              where key_id <> ${keyId} ${after} order by tenant_id, pipeline_id, step limit ${limit}`)
          },
          ownerOf: ({ pipelineId, step, tenantId }) => ownerOf(tenantId, pipelineId, step),
          nameOf: ({ pipelineId }) => `a secret of pipeline ${pipelineId}`,
          replace: ({ pipelineId, sealed, step, tenantId }, next) =>
            done(sql`update pipeline_secrets set sealed = ${next}, key_id = ${keyIdOf(next)}
              where tenant_id = ${tenantId} and pipeline_id = ${pipelineId} and step = ${step} and sealed = ${sealed}`)
        }).pipe(Effect.withSpan("PipelineSecretsRepo.sealAgain"))
      })
    })
  )
}
