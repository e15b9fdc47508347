import { DocumentId, TenantId } from "@sheaf/domain/ids"
import { Context, Effect, Layer, Option, type Redacted, Schema } from "effect"
import { SqlClient } from "effect/sql"
import { keyIdOf, type NoSecretKey, Sealed, Secrets, type SecretUnreadable } from "../../secrets/Secrets.ts"
import { done, maybeRow, rows } from "../rows.ts"
import { sealingAgain } from "../sealingAgain.ts"

const Row = Schema.Struct({ tenantId: TenantId, documentId: DocumentId, sealed: Sealed })

/** Whose secret it is: sealed for one document, it opens for no other. */
const ownerOf = ({ documentId, tenantId }: { readonly tenantId: TenantId; readonly documentId: DocumentId }) => [
  "documents",
  tenantId,
  documentId,
  "password"
]

/** Passwords that protected documents are opened with, sealed. Nobody but those who parse ever opens one. */
export class DocumentSecretsRepo extends Context.Service<DocumentSecretsRepo, {
  readonly has: (tenantId: TenantId, documentId: DocumentId) => Effect.Effect<boolean>
  /** The document must be there. */
  readonly set: (
    tenantId: TenantId,
    documentId: DocumentId,
    password: Redacted.Redacted
  ) => Effect.Effect<void, NoSecretKey>
  readonly open: (
    tenantId: TenantId,
    documentId: DocumentId
  ) => Effect.Effect<Option.Option<Redacted.Redacted>, SecretUnreadable>
  /** For a document that is yet to be; whoever keeps it until then keeps it sealed. */
  readonly seal: (
    tenantId: TenantId,
    documentId: DocumentId,
    password: Redacted.Redacted
  ) => Effect.Effect<Sealed, NoSecretKey>
  readonly unseal: (
    tenantId: TenantId,
    documentId: DocumentId,
    sealed: Sealed
  ) => Effect.Effect<Redacted.Redacted, SecretUnreadable>
  /** Seals what another key has sealed, of any tenant, with the newest one. Answers how many it looked at. */
  readonly sealAgain: Effect.Effect<number>
}>()("@sheaf/adapters/repos/documents/DocumentSecretsRepo") {
  static readonly layer = Layer.effect(
    DocumentSecretsRepo,
    Effect.gen(function*() {
      const sql = yield* SqlClient.SqlClient
      const box = yield* Secrets

      const found = maybeRow(Schema.Struct({ sealed: Sealed }))
      const stale = rows(Row)
      const find = (tenantId: TenantId, documentId: DocumentId) =>
        found(sql`select sealed from document_secrets where tenant_id = ${tenantId} and document_id = ${documentId}`)
      const seal: DocumentSecretsRepo["Service"]["seal"] = (tenantId, documentId, password) =>
        box.seal(password, ownerOf({ tenantId, documentId }))
      const unseal: DocumentSecretsRepo["Service"]["unseal"] = (tenantId, documentId, sealed) =>
        box.open(sealed, ownerOf({ tenantId, documentId }))

      return DocumentSecretsRepo.of({
        has: (tenantId, documentId) => Effect.map(find(tenantId, documentId), Option.isSome),
        set: Effect.fn("DocumentSecretsRepo.set")(function*(tenantId, documentId, password) {
          const sealed = yield* seal(tenantId, documentId, password)
          yield* done(sql`insert into document_secrets (tenant_id, document_id, sealed, key_id)
            values (${tenantId}, ${documentId}, ${sealed}, ${keyIdOf(sealed)})
            on conflict (tenant_id, document_id) do update set sealed = excluded.sealed, key_id = excluded.key_id`)
        }),
        open: Effect.fn("DocumentSecretsRepo.open")(function*(tenantId, documentId) {
          const row = yield* find(tenantId, documentId)
          return Option.isNone(row)
            ? Option.none()
            : Option.some(yield* unseal(tenantId, documentId, row.value.sealed))
        }),
        seal,
        unseal,
        sealAgain: sealingAgain<typeof Row.Type>(box, {
          stale: (keyId, after, limit) =>
            stale(sql`select tenant_id, document_id, sealed from document_secrets where key_id <> ${keyId}
              ${
              after === undefined ? sql`` : sql`and (tenant_id, document_id) > (${after.tenantId}, ${after.documentId})`
            }
              order by tenant_id, document_id limit ${limit}`),
          ownerOf,
          nameOf: ({ documentId }) => `the password of document ${documentId}`,
          replace: ({ documentId, sealed, tenantId }, next) =>
            done(sql`update document_secrets set sealed = ${next}, key_id = ${keyIdOf(next)}
              where tenant_id = ${tenantId} and document_id = ${documentId} and sealed = ${sealed}`)
        }).pipe(Effect.withSpan("DocumentSecretsRepo.sealAgain"))
      })
    })
  )
}
