import { BlobStore } from "@sheaf/adapters/blobs/BlobStore"
import { readElements } from "@sheaf/adapters/blobs/elements"
import { embedders } from "@sheaf/adapters/embedding/Embedders"
import { DatasetsRepo } from "@sheaf/adapters/repos/datasets/DatasetsRepo"
import { StandingRepo } from "@sheaf/adapters/repos/documents/StandingRepo"
import { PipelinesRepo } from "@sheaf/adapters/repos/pipelines/PipelinesRepo"
import { puttingTogether } from "@sheaf/adapters/repos/pipelines/putTogether"
import { RunsRepo } from "@sheaf/adapters/repos/runs/RunsRepo"
import { SpacesRepo } from "@sheaf/adapters/repos/spaces/SpacesRepo"
import { DatasetNotFound } from "@sheaf/domain/datasets/errors"
import { cleanText, keepLines, oneLine } from "@sheaf/domain/documents/cleanText"
import type { Element } from "@sheaf/domain/documents/Element"
import { DocumentNotFound } from "@sheaf/domain/documents/errors"
import { CannotPreview, type Preview, type TextPreview } from "@sheaf/domain/documents/Preview"
import { textElements } from "@sheaf/domain/documents/textElements"
import type { Caller } from "@sheaf/domain/edge/Caller"
import type { BadRequest } from "@sheaf/domain/edge/errors"
import type { DatasetId, DocumentId } from "@sheaf/domain/ids"
import type { PipelineNotFound } from "@sheaf/domain/pipelines/errors"
import type { RunSettings } from "@sheaf/domain/runs/RunSettings"
import { SpaceNotServed } from "@sheaf/domain/spaces/errors"
import { Context, Effect, Layer, Option, Stream } from "effect"
import { cutFirst, mostWarnings } from "./cutFirst.ts"
import { Documents } from "./Documents.ts"
import { makeFindParsed } from "./findParsed.ts"

/** What documents would be cut into. Nothing is stored. */
export class Previews extends Context.Service<Previews, {
  /** Reads no more of the document than the segments that are asked for need. */
  readonly document: (
    caller: Caller,
    options: { readonly documentId: DocumentId; readonly settings?: RunSettings; readonly limit?: number }
  ) => Effect.Effect<Preview, DocumentNotFound | CannotPreview | PipelineNotFound | BadRequest>
  /** Of a text that is no document yet: as a file of plain text would be cut. */
  readonly text: (
    caller: Caller,
    options: {
      readonly datasetId: DatasetId
      readonly text: string
      readonly settings?: RunSettings
      readonly limit?: number
    }
  ) => Effect.Effect<TextPreview, DatasetNotFound | SpaceNotServed | PipelineNotFound | BadRequest>
}>()("@sheaf/server/documents/Previews") {
  static readonly layer = Layer.effect(
    Previews,
    Effect.gen(function*() {
      const blobs = yield* BlobStore
      const datasets = yield* DatasetsRepo
      const documents = yield* Documents
      const { all, find } = yield* embedders
      const putTogether = puttingTogether(yield* PipelinesRepo)
      const findParsed = makeFindParsed(yield* RunsRepo)
      const spaces = yield* SpacesRepo
      const standings = yield* StandingRepo

      const document: Previews["Service"]["document"] = Effect.fn("Previews.document")(
        function*(caller, { documentId, limit = 5, settings: run = {} }) {
          const { tenantId } = caller
          yield* documents.get(caller, { documentId })
          const standing = yield* standings.find(tenantId, documentId)
          if (Option.isNone(standing)) return yield* new DocumentNotFound({ documentId })
          const { datasetId, settings } = standing.value
          const held = yield* datasets.hold(tenantId, datasetId)
          const places = yield* spaces.ofDataset(tenantId, datasetId)
          if (Option.isNone(held) || Option.isNone(places)) return yield* new DocumentNotFound({ documentId })
          const together = yield* putTogether(tenantId, { dataset: held.value, document: settings, run })
          const { artefacts, runId } = yield* findParsed(tenantId, standing.value, together)
          const { current } = places.value
          const embedder = find(current.id)
          if (Option.isNone(embedder)) return yield* new CannotPreview({ documentId, obstacle: "otherSpace" })

          const cut = yield* cutFirst(
            readElements(blobs, { tenantId, datasetId, documentId }, artefacts),
            { together, limit, space: current, embedder: embedder.value }
          ).pipe(
            Effect.catchTags({
              // The run is older than the elements that it names: they went with the document.
              BlobNotFound: () => new CannotPreview({ documentId, obstacle: "notParsed" }),
              BlobStoreError: Effect.die
            })
          )
          return { runId, ...cut }
        }
      )

      const text: Previews["Service"]["text"] = Effect.fn("Previews.text")(
        function*(caller, { datasetId, limit = 5, settings: run = {}, text }) {
          const { tenantId } = caller
          const seen = yield* datasets.find(caller, datasetId)
          const held = yield* datasets.hold(tenantId, datasetId)
          const places = yield* spaces.ofDataset(tenantId, datasetId)
          if (Option.isNone(seen) || Option.isNone(held) || Option.isNone(places)) {
            return yield* new DatasetNotFound({ datasetId })
          }
          const together = yield* putTogether(tenantId, { dataset: held.value, document: {}, run })
          const { current } = places.value
          const embedder = find(current.id)
          if (Option.isNone(embedder)) {
            const served = all.map(({ space: { id, model } }) => ({ id, model }))
            return yield* new SpaceNotServed({ spaceId: current.id, served })
          }
          const cut = yield* cutFirst(
            Stream.fromIterable(textElements(cleanText(text))).pipe(Stream.map(cleaned)),
            { together, limit, space: current, embedder: embedder.value }
          )
          const left = (together.pipeline?.clean ?? []).map(({ step }) =>
            `the step "${step}" comes before cutting: it is left out`
          )
          return { ...cut, warnings: [...left, ...cut.warnings].slice(0, mostWarnings) }
        }
      )

      return Previews.of({ document, text })
    })
  )
}

/** As parsers hand text over. */
const cleaned = (element: Element): Element => ({
  ...element,
  text: element.kind === "list" ? keepLines(element.text) : oneLine(element.text)
})
