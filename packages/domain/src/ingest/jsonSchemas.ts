import { Schema } from "effect"
import { OutcomeEvent } from "../events/OutcomeEvent.ts"
import { IngestEvent } from "./IngestEvent.ts"
import { IngestVerdict } from "./IngestVerdict.ts"

const document = (title: string, schema: Schema.Constraint, onExcessProperty: "error" | "ignore") => {
  const { definitions, schema: body } = Schema.toJsonSchemaDocument(schema, { onExcessProperty })
  const defs = Object.keys(definitions).length === 0 ? {} : { $defs: definitions }
  return { $schema: "https://json-schema.org/draft/2020-12/schema", title, ...body, ...defs }
}

/** What is said over NATS, for programs in other languages: name of the file to document. Published in docs/nats. */
export const jsonSchemas: { readonly [file: string]: object } = {
  "ingest-event.schema.json": document("Ingest event", IngestEvent, "error"),
  "ingest-verdict.schema.json": document("Verdict on an ingest event", IngestVerdict, "ignore"),
  "outcome-event.schema.json": document("Outcome event", OutcomeEvent, "ignore")
}
