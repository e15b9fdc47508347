import { Effect } from "effect"
import { makeTenant } from "../repos/world.ts"
import { ingest, makeDataset, until } from "../support/Pipeline.ts"

/** The text of a document. */
export const text = (topic: string) =>
  `# ${topic}\n\nAll about ${topic}, in some words.\n\n## More\n\nAnd more of ${topic}.\n`

/** A tenant with a document that is published and nothing owed. */
export const library = Effect.fnUntraced(function*(topic: string) {
  const { caller, tenantId } = yield* makeTenant
  const datasetId = yield* makeDataset(caller)
  const { documentId } = yield* ingest(caller, datasetId, { name: `${topic}.md`, bytes: text(topic) })
  const document = yield* until(caller, documentId)
  return { caller, tenantId, datasetId, documentId, document }
})
export type Library = Effect.Success<ReturnType<typeof library>>
