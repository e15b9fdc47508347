import type { PipelineId } from "@sheaf/domain/ids"
import { Effect } from "effect"
import type { Actor } from "../world/Actor.ts"
import type { Act, Scenario } from "./Scenario.ts"
import * as Steps from "./steps.ts"

const definition = {
  chunk: { maxTokens: 64 },
  clean: [{ step: "mask", what: ["urls", "emails"] }, { step: "replace", pattern: "watch (\\d+)", with: "turn $1" }],
  enrich: [{ step: "context", documentName: true }]
} as const

const make = ({ call, client, once }: Actor) =>
  call(client.PipelinesCreate({ name: "tidy", definition, ...once("pipeline") }))

/** A change of a pipeline. */
const changing = (change: (pipelineId: PipelineId) => Act): Scenario => (actor) =>
  Effect.map(make(actor), ({ id }) => change(id))

export const pipelines = {
  PipelinesCreate: () => Effect.succeed(make),
  PipelinesUpdate: changing((pipelineId) => ({ call, client, once }) =>
    call(client.PipelinesUpdate({ pipelineId, name: "tidier", definition: {}, ...once("update") }))
  ),
  PipelinesDelete: changing((pipelineId) => ({ call, client, once }) =>
    call(client.PipelinesDelete({ pipelineId, ...once("delete") }))
  )
} satisfies Record<string, Scenario>

/** A document from its first byte to its last index entry, through steps, with settings that came with it. */
export const stepped: Scenario = Effect.fnUntraced(function*(actor) {
  const datasetId = yield* Steps.dataset(actor)
  const { id } = yield* make(actor)
  return (actor) =>
    Effect.gen(function*() {
      const { call, client, once } = actor
      const { documentId } = yield* call(client.DocumentsIngestText({
        datasetId,
        name: "log.md",
        text: Steps.text("log"),
        mediaType: "text/markdown",
        settings: { pipeline: { id } },
        ...once("ingest log")
      }))
      yield* actor.rest
      yield* call(client.DocumentsRetry({ documentId, ...once("again") }))
    })
})
