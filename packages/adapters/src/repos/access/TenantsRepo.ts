import { Tenant } from "@sheaf/domain/admin/Admin"
import { type PageCursor, TenantId } from "@sheaf/domain/ids"
import { Context, Effect, Layer, Option, Schema } from "effect"
import { SqlClient } from "effect/sql"
import type { PageOptions } from "../datasets/DatasetsRepo.ts"
import { newId } from "../newId.ts"
import { CursorText, decodeCursor, encodeCursor } from "../pageCursor.ts"
import { maybeRow, rows } from "../rows.ts"

const TenantRow = Schema.Struct({ ...Tenant.fields, createdAt: Schema.Date })

/** Tenants; only operators get here. */
export class TenantsRepo extends Context.Service<TenantsRepo, {
  readonly find: (tenantId: TenantId) => Effect.Effect<Option.Option<Tenant>>
  readonly findByName: (name: string) => Effect.Effect<Option.Option<Tenant>>
  /** `None` when the name is taken. */
  readonly insert: (name: string) => Effect.Effect<Option.Option<Tenant>>
  readonly list: (options: PageOptions) => Effect.Effect<
    Option.Option<{ readonly items: ReadonlyArray<Tenant>; readonly next?: PageCursor }>
  >
  /** `None`: there is none, or it is being deleted, from which there is no way back. */
  readonly setState: (tenantId: TenantId, state: "active" | "suspended") => Effect.Effect<Option.Option<Tenant>>
}>()("@sheaf/adapters/repos/access/TenantsRepo") {
  static readonly layer = Layer.effect(
    TenantsRepo,
    Effect.gen(function*() {
      const sql = yield* SqlClient.SqlClient
      const columns = sql`id, name, state, created_at`
      const first = maybeRow(TenantRow)
      const many = rows(TenantRow)
      const one = (statement: Parameters<typeof first>[0]) => Effect.map(first(statement), Option.map(toTenant))

      const insert: TenantsRepo["Service"]["insert"] = Effect.fn("TenantsRepo.insert")(function*(name) {
        const id = yield* newId(TenantId)
        return yield* one(sql`insert into tenants (id, name) values (${id}, ${name})
          on conflict (name) do nothing returning ${columns}`)
      })

      const list: TenantsRepo["Service"]["list"] = Effect.fn("TenantsRepo.list")(function*(options) {
        const limit = options.limit ?? 50
        const after = decodeCursor(CursorText, options.cursor)
        if (Option.isNone(after)) return Option.none()
        const page = yield* many(sql`select ${columns} from tenants where name > ${after.value ?? ""}
          order by name limit ${limit + 1}`)
        const items = page.slice(0, limit).map(toTenant)
        const last = items.at(-1)
        return Option.some({
          items,
          ...(page.length > limit && last && { next: encodeCursor(CursorText, last.name) })
        })
      })

      return TenantsRepo.of({
        find: (tenantId) => one(sql`select ${columns} from tenants where id = ${tenantId}`),
        findByName: (name) => one(sql`select ${columns} from tenants where name = ${name}`),
        insert,
        list,
        setState: (tenantId, state) =>
          one(sql`update tenants set state = ${state} where id = ${tenantId} and state <> 'deleting'
            returning ${columns}`)
      })
    })
  )
}

const toTenant = (row: typeof TenantRow.Type): Tenant => new Tenant(row)
