import { Predicate, Schema } from "effect"
import { type Operation, operations } from "./operations.ts"

interface Parameter {
  readonly name: string
  readonly required: boolean
  readonly schema: unknown
}

/** A schema that stands alone: its definitions are moved to where the document keeps them all. */
const schemaOf = (schema: Schema.Top, definitions: Record<string, unknown>): unknown => {
  const document = Schema.toJsonSchemaDocument(schema)
  Object.assign(definitions, document.definitions)
  return JSON.parse(JSON.stringify(document.schema).replaceAll("#/$defs/", "#/components/schemas/"))
}

const parametersOf = (schema: unknown): ReadonlyArray<Parameter> => {
  if (!Predicate.hasProperty(schema, "properties") || !Predicate.isObject(schema.properties)) return []
  const required = Predicate.hasProperty(schema, "required") && Array.isArray(schema.required) ? schema.required : []
  return Object.entries(schema.properties).map(([name, property]) => ({
    name,
    // Without a key this mount makes one: the call is then not protected against being sent twice.
    required: required.includes(name) && name !== "idempotencyKey",
    schema: property
  }))
}

const methodOf = (definitions: Record<string, unknown>) => ({ error, payload, scope, success, tag }: Operation) => ({
  name: tag,
  summary: `Needs the scope "${scope}".`,
  paramStructure: "by-name",
  params: parametersOf(schemaOf(payload, definitions)),
  result: { name: "result", schema: schemaOf(success, definitions) },
  "x-error": schemaOf(error, definitions)
})

/** What this mount can do, in the manner of OpenRPC: every operation but the streams, made from the contract's own schemas. */
export const discover = (version: string) => {
  const schemas: Record<string, unknown> = {}
  const methods = [...operations.values()].filter((operation) => !operation.streams).map(methodOf(schemas))
  return {
    openrpc: "1.3.2",
    info: { title: "Sheaf", version },
    methods,
    components: {
      schemas: JSON.parse(JSON.stringify(schemas).replaceAll("#/$defs/", "#/components/schemas/"))
    }
  }
}
