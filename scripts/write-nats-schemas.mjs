// Writes the JSON Schemas of what is said over NATS into docs/nats, from the contract's own schemas.
//
//   node scripts/write-nats-schemas.mjs
import { mkdirSync, writeFileSync } from "node:fs"
import { fileURLToPath } from "node:url"
import { jsonSchemas } from "../packages/domain/src/ingest/jsonSchemas.ts"

const folder = fileURLToPath(new URL("../docs/nats", import.meta.url))
mkdirSync(folder, { recursive: true })
for (const [name, schema] of Object.entries(jsonSchemas)) {
  writeFileSync(`${folder}/${name}`, `${JSON.stringify(schema, undefined, 2)}\n`)
}
