import { ApiKeysRepo } from "@sheaf/adapters/repos/access/ApiKeysRepo"
import type { PageOptions } from "@sheaf/adapters/repos/datasets/DatasetsRepo"
import { newId } from "@sheaf/adapters/repos/newId"
import type { ApiKey } from "@sheaf/domain/admin/Admin"
import { type NewApiKey } from "@sheaf/domain/admin/AdminRpcs"
import { ApiKeyNotFound } from "@sheaf/domain/admin/errors"
import type { DatasetNotFound } from "@sheaf/domain/datasets/errors"
import type { Actor, Caller, Scope } from "@sheaf/domain/edge/Caller"
import { BadRequest } from "@sheaf/domain/edge/errors"
import { ApiKeyId, type DatasetId, type PageCursor, type TenantId } from "@sheaf/domain/ids"
import { Array as Arr, Clock, Context, Effect, Layer, Option } from "effect"
import { Datasets } from "../datasets/Datasets.ts"
import { pageOr } from "../edge/pageOr.ts"
import { newSecret } from "../edge/secrets.ts"

interface Grant {
  readonly name: string
  readonly scopes: ReadonlyArray<Scope>
  readonly datasetIds: ReadonlyArray<DatasetId> | null
  readonly expiresAt: Date | null
  /** `null`: the installation itself. */
  readonly createdBy: Actor | null
}

/** API keys. A key never gives more than it holds. */
export class Keys extends Context.Service<Keys, {
  /** Makes a key without asking who wants it. */
  readonly grant: (tenantId: TenantId, grant: Grant) => Effect.Effect<typeof NewApiKey.Type>
  readonly create: (caller: Caller, wish: {
    readonly name: string
    readonly scopes: ReadonlyArray<Scope>
    readonly datasetIds?: ReadonlyArray<DatasetId>
    readonly expiresAt?: Date
  }) => Effect.Effect<typeof NewApiKey.Type, DatasetNotFound | BadRequest>
  readonly list: (
    caller: Caller,
    options: PageOptions
  ) => Effect.Effect<{ readonly items: ReadonlyArray<ApiKey>; readonly next?: PageCursor }, BadRequest>
  readonly own: (caller: Caller) => Effect.Effect<ApiKey>
  readonly revoke: (caller: Caller, key: { readonly keyId: ApiKeyId }) => Effect.Effect<ApiKey, ApiKeyNotFound>
}>()("@sheaf/server/admin/Keys") {
  static readonly layer = Layer.effect(
    Keys,
    Effect.gen(function*() {
      const datasets = yield* Datasets
      const repo = yield* ApiKeysRepo

      const grant: Keys["Service"]["grant"] = Effect.fn("Keys.grant")(function*(tenantId, wish) {
        const { hash, prefix, secret } = newSecret()
        const id = yield* newId(ApiKeyId)
        const key = yield* repo.insert(tenantId, { ...wish, id, prefix, hash, scopes: Arr.dedupe(wish.scopes) })
        return { key, secret }
      })

      const create: Keys["Service"]["create"] = Effect.fn("Keys.create")(function*(caller, wish) {
        const missing = wish.scopes.find((scope) => !caller.has(scope))
        if (missing !== undefined) {
          return yield* new BadRequest({ reason: `a key without the scope "${missing}" cannot give it to another` })
        }
        const now = yield* Clock.currentTimeMillis
        if (wish.expiresAt !== undefined && !(wish.expiresAt.getTime() > now)) {
          return yield* new BadRequest({ reason: "`expiresAt` must lie in the future" })
        }
        yield* Effect.forEach(wish.datasetIds ?? [], (datasetId) => datasets.get(caller, { datasetId }), {
          discard: true
        })
        return yield* grant(caller.tenantId, {
          name: wish.name,
          scopes: wish.scopes,
          datasetIds: wish.datasetIds ?? caller.datasetIds,
          expiresAt: earlier(wish.expiresAt, caller.expiresAt),
          createdBy: caller.actor
        })
      })

      const revoke: Keys["Service"]["revoke"] = Effect.fn("Keys.revoke")(function*(caller, { keyId }) {
        const revoked = yield* repo.revoke(caller, keyId)
        if (Option.isNone(revoked)) return yield* new ApiKeyNotFound({ keyId })
        return revoked.value
      })

      return Keys.of({
        grant,
        create,
        list: (caller, options) => pageOr(repo.list(caller, options)),
        own: (caller) => Effect.orDie(Effect.flatMap(repo.own(caller), Effect.fromOption)),
        revoke
      })
    })
  )
}

/** A key made by another ends with it, at the latest. */
const earlier = (wish: Date | undefined, own: Date | null | undefined): Date | null =>
  wish === undefined ? own ?? null : own == null || wish < own ? wish : own
