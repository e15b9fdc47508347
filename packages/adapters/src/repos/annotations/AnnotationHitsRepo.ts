import { Hit } from "@sheaf/domain/annotations/Match"
import { Actor } from "@sheaf/domain/edge/Caller"
import type { AnnotationId, PageCursor, TenantId } from "@sheaf/domain/ids"
import { Context, Effect, Layer, Option, Schema } from "effect"
import { SqlClient } from "effect/sql"
import type { PageOptions } from "../datasets/DatasetsRepo.ts"
import { newId } from "../newId.ts"
import { decodeCursor, encodeCursor } from "../pageCursor.ts"
import { done, expiryPage, json, rows } from "../rows.ts"

export interface NewHit {
  readonly tenantId: TenantId
  readonly annotationId: AnnotationId
  readonly question: string
  readonly score: number
  readonly actor: Actor
}

const HitId = Schema.String.check(Schema.isUUID())
const Row = Schema.Struct({ ...Hit.fields, at: Schema.Date })

const listOrder = Schema.Tuple([HitId])

/** When annotations were the answer: each hit for 90 days, their number for as long as the annotation. */
export class AnnotationHitsRepo extends Context.Service<AnnotationHitsRepo, {
  /** Writes and counts them; those of annotations that are gone are left out. */
  readonly append: (hits: ReadonlyArray<NewHit>) => Effect.Effect<void>
  /** The latest first. `None` for a cursor that this list never gave. */
  readonly list: (tenantId: TenantId, annotationId: AnnotationId, options: PageOptions) => Effect.Effect<
    Option.Option<{ readonly items: ReadonlyArray<Hit>; readonly next?: PageCursor }>
  >
  /** Removes a page of those that are past their time. Answers how many. */
  readonly expire: Effect.Effect<number>
}>()("@sheaf/adapters/repos/annotations/AnnotationHitsRepo") {
  static readonly layer = Layer.effect(
    AnnotationHitsRepo,
    Effect.gen(function*() {
      const sql = yield* SqlClient.SqlClient

      const encode = Schema.encodeEffect(Actor)
      const append: AnnotationHitsRepo["Service"]["append"] = Effect.fn("AnnotationHitsRepo.append")(function*(hits) {
        const values = yield* Effect.forEach(
          hits,
          ({ actor, annotationId, question, score, tenantId }) =>
            Effect.gen(function*() {
              const id = yield* newId({ make: (uuid: string) => uuid })
              const by = yield* Effect.orDie(encode(actor))
              return { id, tenant_id: tenantId, annotation_id: annotationId, question, score, actor: by }
            })
        )
        // The annotations are locked in one order, so that two processes never wait for each other.
        yield* done(sql`with given as (
            select * from jsonb_to_recordset(${json(values)}::jsonb)
              as x(id uuid, tenant_id uuid, annotation_id uuid, question text, score float8, actor jsonb)
          ), there as materialized (
            select a.tenant_id, a.id from annotations a
            where (a.tenant_id, a.id) in (select tenant_id, annotation_id from given) order by a.id for update
          ), added as (
            insert into annotation_hits (tenant_id, id, annotation_id, question, score, actor)
            select g.tenant_id, g.id, g.annotation_id, g.question, g.score, g.actor from given g
            join there t on t.tenant_id = g.tenant_id and t.id = g.annotation_id
          )
          update annotations a set hits = a.hits + c.hits, last_hit_at = now()
          from (select g.tenant_id, g.annotation_id, count(*)::int as hits from given g
            join there t on t.tenant_id = g.tenant_id and t.id = g.annotation_id group by 1, 2) c
          where a.tenant_id = c.tenant_id and a.id = c.annotation_id`)
      })

      const many = rows(Row)
      const list: AnnotationHitsRepo["Service"]["list"] = Effect.fn("AnnotationHitsRepo.list")(
        function*(tenantId, annotationId, { cursor, limit = 50 }) {
          const after = decodeCursor(listOrder, cursor)
          if (Option.isNone(after)) return Option.none()
          const page = yield* many(sql`select id, question, score, actor, created_at as at from annotation_hits
            where annotation_id = ${annotationId} and tenant_id = ${tenantId}
              ${after.value === undefined ? sql`` : sql`and id < ${after.value[0]}`}
            order by id desc limit ${limit + 1}`)
          const items = page.slice(0, limit).map((row) => new Hit(row))
          const last = items.at(-1)
          return Option.some({
            items,
            ...(page.length > limit && last && { next: encodeCursor(listOrder, [last.id]) })
          })
        }
      )

      const gone = rows(Schema.Struct({ id: HitId }))
      const expire = Effect.map(
        gone(sql`delete from annotation_hits where ctid = any(array(select ctid from annotation_hits
          where created_at < now() - interval '90 days' limit ${expiryPage})) returning id`),
        (hits) => hits.length
      )

      return AnnotationHitsRepo.of({ append, list, expire })
    })
  )
}
