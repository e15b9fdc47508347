import { AnnotationId, AppId, type TenantId } from "@sheaf/domain/ids"
import type { AnnotationOutcome, IfExists, NewAnnotation } from "@sheaf/domain/annotations/Annotation"
import { Actor } from "@sheaf/domain/edge/Caller"
import { Context, Effect, Layer, type Option, Schema } from "effect"
import { SqlClient } from "effect/sql"
import type { By } from "../../lifecycle/By.ts"
import { questionHashOf, questionKeyOf } from "../../text/questionKey.ts"
import { newId } from "../newId.ts"
import { done, json, maybeRow, oneRow, rows } from "../rows.ts"

/** What became of a row: which annotation has its question now. */
export interface Written {
  readonly outcome: AnnotationOutcome
  readonly annotationId: AnnotationId
}

/** A row with the names of its question. */
interface Row extends NewAnnotation {
  readonly id: AnnotationId
  readonly key: string
  readonly hash: string
}

/** What rows come to, decided before anything is written. */
interface Plan {
  readonly written: ReadonlyArray<Written>
  readonly fresh: ReadonlyArray<Row>
  readonly changed: ReadonlyArray<Row>
}

/** Questions and answers. Whoever changes them holds the app (`AppsRepo.hold`), so that a key is looked up and written by one at a time. */
export class AnnotationsRepo extends Context.Service<AnnotationsRepo, {
  /**
   * Writes rows in their order, of which a later one meets those before it, with three statements however many there are. Answers as many
   * results, in the same order. Their vectors are owed from then on.
   */
  readonly upsert: (
    by: By,
    appId: AppId,
    rows: ReadonlyArray<NewAnnotation>,
    ifExists: IfExists
  ) => Effect.Effect<ReadonlyArray<Written>>
  /** Where an annotation is, and its version; the latter for whoever holds its app. */
  readonly place: (
    tenantId: TenantId,
    annotationId: AnnotationId
  ) => Effect.Effect<Option.Option<{ readonly appId: AppId; readonly version: number }>>
  /** What is left out stays. Another question owes its vectors. */
  readonly change: (
    by: By,
    annotationId: AnnotationId,
    change: { readonly question?: string | undefined; readonly answer?: string | undefined }
  ) => Effect.Effect<void>
  /** Takes away those of the app that are there, with vectors and history. Answers which. */
  readonly remove: (
    tenantId: TenantId,
    appId: AppId,
    annotationIds: ReadonlyArray<AnnotationId>
  ) => Effect.Effect<ReadonlyArray<AnnotationId>>
  /** Takes away up to so many of an app that is being deleted. Answers how many. */
  readonly purgePage: (tenantId: TenantId, appId: AppId, limit: number) => Effect.Effect<number>
}>()("@sheaf/adapters/repos/annotations/AnnotationsRepo") {
  static readonly layer = Layer.effect(
    AnnotationsRepo,
    Effect.gen(function*() {
      const sql = yield* SqlClient.SqlClient

      const encodeActor = (actor: Actor) => Effect.orDie(Schema.encodeEffect(Actor)(actor))

      const oldest = rows(Schema.Struct({ key: Schema.String, id: AnnotationId }))
      const known = ({ tenantId }: By, appId: AppId, keys: ReadonlySet<string>) =>
        Effect.map(
          oldest(sql`select distinct on (question_key) question_key as key, id from annotations
            where app_id = ${appId} and tenant_id = ${tenantId} and question_key = any(${[...keys]}::text[])
            order by question_key, id`),
          (found) => new Map(found.map(({ id, key }) => [key, id]))
        )

      const columnsOf = (some: ReadonlyArray<Row>) =>
        sql`unnest(${some.map(({ id }) => id)}::uuid[], ${some.map(({ question }) => question)}::text[],
          ${some.map(({ answer }) => answer)}::text[], ${some.map(({ key }) => key)}::text[],
          ${some.map(({ hash }) => hash)}::text[]) as x(id, question, answer, key, hash)`

      const insert = ({ tenantId }: By, appId: AppId, fresh: ReadonlyArray<Row>, actor: unknown) =>
        done(sql`with added as (
            insert into annotations
              (tenant_id, id, app_id, question, answer, question_key, question_hash, created_by, updated_by)
            select ${tenantId}::uuid, x.id, ${appId}::uuid, x.question, x.answer, x.key, x.hash, a.actor, a.actor
            from ${columnsOf(fresh)} cross join (select ${json(actor)}::jsonb as actor) a returning 1
          )
          update apps set annotations = annotations + (select count(*)::int from added)
          where tenant_id = ${tenantId} and id = ${appId}`)

      const overwrite = ({ tenantId }: By, changed: ReadonlyArray<Row>, actor: unknown) =>
        done(sql`update annotations a set question = x.question, answer = x.answer, question_hash = x.hash,
            indexed_epoch = case when a.question_hash = x.hash then a.indexed_epoch else 0 end,
            version = a.version + 1, updated_by = ${json(actor)}::jsonb, updated_at = now()
          from ${columnsOf(changed)} where a.tenant_id = ${tenantId} and a.id = x.id`)

      const upsert: AnnotationsRepo["Service"]["upsert"] = Effect.fn("AnnotationsRepo.upsert")(
        function*(by, appId, given, ifExists) {
          const named = yield* Effect.forEach(given, (row) =>
            Effect.map(newId(AnnotationId), (id): Row => ({
              ...row,
              id,
              key: questionKeyOf(row.question),
              hash: questionHashOf(row.question)
            })))
          const existing = ifExists === "append"
            ? new Map<string, AnnotationId>()
            : yield* known(by, appId, new Set(named.map(({ key }) => key)))
          const { changed, fresh, written } = planned(named, existing, ifExists)
          const actor = yield* encodeActor(by.actor)
          if (fresh.length > 0) yield* insert(by, appId, fresh, actor)
          if (changed.length > 0) yield* overwrite(by, changed, actor)
          return written
        }
      )

      const placed = maybeRow(Schema.Struct({ appId: AppId, version: Schema.Int }))
      const place: AnnotationsRepo["Service"]["place"] = (tenantId, annotationId) =>
        placed(sql`select a.app_id, a.version from annotations a
          join apps p on p.tenant_id = a.tenant_id and p.id = a.app_id and not p.deleting
          where a.tenant_id = ${tenantId} and a.id = ${annotationId}`)

      const changeOne: AnnotationsRepo["Service"]["change"] = Effect.fn("AnnotationsRepo.change")(
        function*({ actor, tenantId }, annotationId, { answer = null, question }) {
          const by = yield* encodeActor(actor)
          const hash = question === undefined ? null : questionHashOf(question)
          const key = question === undefined ? null : questionKeyOf(question)
          yield* done(sql`update annotations a set question = coalesce(${question ?? null}, a.question),
              answer = coalesce(${answer}, a.answer), question_key = coalesce(${key}, a.question_key),
              question_hash = coalesce(${hash}, a.question_hash),
              indexed_epoch = case when a.question_hash = coalesce(${hash}, a.question_hash) then a.indexed_epoch else 0 end,
              version = a.version + 1, updated_by = ${json(by)}::jsonb, updated_at = now()
            where a.tenant_id = ${tenantId} and a.id = ${annotationId}`)
        }
      )

      const gone = rows(Schema.Struct({ id: AnnotationId }))
      const remove: AnnotationsRepo["Service"]["remove"] = (tenantId, appId, annotationIds) =>
        Effect.map(
          gone(sql`with gone as (
              delete from annotations where tenant_id = ${tenantId} and app_id = ${appId}
                and id = any(${[...annotationIds]}::uuid[]) returning id
            ), counted as (
              update apps set annotations = annotations - (select count(*)::int from gone)
              where tenant_id = ${tenantId} and id = ${appId}
            )
            select id from gone`),
          (removed) => removed.map(({ id }) => id)
        )

      const counted = oneRow(Schema.Struct({ gone: Schema.Int }))
      const purgePage: AnnotationsRepo["Service"]["purgePage"] = (tenantId, appId, limit) =>
        Effect.map(
          counted(sql`with gone as (
              delete from annotations where tenant_id = ${tenantId} and id = any(array(select id from annotations
                where app_id = ${appId} and tenant_id = ${tenantId} limit ${limit})) returning 1
            )
            select count(*)::int as gone from gone`),
          (row) => row.gone
        )

      return AnnotationsRepo.of({ upsert, place, change: changeOne, remove, purgePage })
    })
  )
}

/** A key that comes again among the rows themselves meets the annotation that the first of them makes. */
const planned = (
  named: ReadonlyArray<Row>,
  existing: ReadonlyMap<string, AnnotationId>,
  ifExists: IfExists
): Plan => {
  const owner = new Map(existing)
  const fresh = new Map<AnnotationId, Row>()
  const changed = new Map<AnnotationId, Row>()
  const written = named.map((row): Written => {
    const there = ifExists === "append" ? undefined : owner.get(row.key)
    if (there === undefined) {
      owner.set(row.key, row.id)
      fresh.set(row.id, row)
      return { outcome: "created", annotationId: row.id }
    }
    if (ifExists === "skip") return { outcome: "skipped", annotationId: there }
    const target = fresh.has(there) ? fresh : changed
    target.set(there, { ...row, id: there })
    return { outcome: "overwritten", annotationId: there }
  })
  return { written, fresh: [...fresh.values()], changed: [...changed.values()] }
}
