import { Effect, Schema, SchemaIssue } from "effect"
import { NotionMalformed } from "./errors.ts"

// Answers of Notion's API as far as they are read. What else is in them is ignored, types that came later are kept by name.

const optionalNull = <S extends Schema.Top>(schema: S) => Schema.optionalKey(Schema.NullOr(schema))

const time = Schema.String.check(
  Schema.makeFilter((text) => !Number.isNaN(Date.parse(text)), { expected: "a time as in ISO 8601" })
)

const texts = Schema.Array(Schema.Struct({ plain_text: Schema.optionalKey(Schema.String) }))

const parent = Schema.Struct({
  type: Schema.optionalKey(Schema.String),
  page_id: Schema.optionalKey(Schema.String),
  block_id: Schema.optionalKey(Schema.String),
  database_id: Schema.optionalKey(Schema.String),
  data_source_id: Schema.optionalKey(Schema.String)
})
export type AnsweredParent = typeof parent.Type

const common = {
  id: Schema.String,
  url: optionalNull(Schema.String),
  parent: optionalNull(parent),
  created_time: time,
  last_edited_time: time,
  in_trash: optionalNull(Schema.Boolean),
  archived: optionalNull(Schema.Boolean)
}

const property = Schema.StructWithRest(
  Schema.Struct({ id: Schema.optionalKey(Schema.String), type: Schema.optionalKey(Schema.String) }),
  [Schema.Record(Schema.String, Schema.Json)]
)
export type AnsweredProperty = typeof property.Type

export const AnsweredPage = Schema.Struct({
  object: Schema.Literal("page"),
  ...common,
  properties: optionalNull(Schema.Record(Schema.String, property))
})
export type AnsweredPage = typeof AnsweredPage.Type

/** A source; `database` is what it was before there were several in one. */
export const AnsweredSource = Schema.Struct({
  object: Schema.Literals(["data_source", "database"]),
  ...common,
  title: optionalNull(texts),
  database_parent: optionalNull(parent)
})
export type AnsweredSource = typeof AnsweredSource.Type

export const AnsweredDatabase = Schema.Struct({
  data_sources: optionalNull(Schema.Array(Schema.Struct({ id: Schema.String })))
})

export const AnsweredBot = Schema.Struct({
  id: Schema.String,
  name: optionalNull(Schema.String),
  bot: optionalNull(Schema.Struct({
    workspace_id: optionalNull(Schema.String),
    workspace_name: optionalNull(Schema.String)
  }))
})

export const AnsweredBlock = Schema.StructWithRest(
  Schema.Struct({
    id: Schema.String,
    type: Schema.optionalKey(Schema.String),
    has_children: Schema.optionalKey(Schema.Boolean)
  }),
  [Schema.Record(Schema.String, Schema.Json)]
)
export type AnsweredBlock = typeof AnsweredBlock.Type

export const AnsweredItem = Schema.StructWithRest(
  Schema.Struct({ type: Schema.optionalKey(Schema.String) }),
  [Schema.Record(Schema.String, Schema.Json)]
)

/** Any thing of a list, before it is known which. */
export const AnsweredThing = Schema.Struct({ object: Schema.String })

const AnsweredList = Schema.Struct({
  results: Schema.Array(Schema.Unknown),
  has_more: Schema.Boolean,
  next_cursor: optionalNull(Schema.String),
  /** `incomplete`: there is more than Notion shows of this list at all. */
  request_status: optionalNull(Schema.Struct({ type: Schema.optionalKey(Schema.String) }))
})

/** An answer that must be of this form. Says where it is not, and nothing of what is in it. */
export const decode = <S extends Schema.ConstraintDecoder<unknown>>(schema: S) => {
  const whole = Schema.decodeUnknownEffect(schema)
  return (answer: unknown): Effect.Effect<S["Type"], NotionMalformed> =>
    Effect.mapError(whole(answer), ({ issue }) => new NotionMalformed({ detail: placeOf(issue) }))
}

const placeOf = (issue: SchemaIssue.Issue): string => {
  const [first] = SchemaIssue.makeFormatterStandardSchemaV1()(issue).issues
  const path = (first?.path ?? []).map(String).join(".")
  return path === ""
    ? "it is not of the expected form"
    : `\`${path.slice(0, 200)}\` is missing or not of the expected form`
}

/** One page of a list. */
export interface Listed {
  readonly results: ReadonlyArray<unknown>
  /** Where it goes on, if it does. */
  readonly next: string | undefined
  /** It ends here although there is more. */
  readonly isCutShort: boolean
}

const decodeList = decode(AnsweredList)

/** A list that promises more has to say where, and not where it just was: or it would never end, or end too early. */
export const readList = (answer: unknown, cursor?: string): Effect.Effect<Listed, NotionMalformed> =>
  Effect.flatMap(decodeList(answer), ({ has_more, next_cursor, request_status, results }) => {
    const next = has_more ? next_cursor ?? undefined : undefined
    if (has_more && (next === undefined || next === "")) {
      return Effect.fail(new NotionMalformed({ detail: "a list goes on, but does not say where" }))
    }
    if (next !== undefined && next === cursor) {
      return Effect.fail(new NotionMalformed({ detail: "a list goes on where it just was" }))
    }
    return Effect.succeed({ results, next, isCutShort: next === undefined && request_status?.type === "incomplete" })
  })
