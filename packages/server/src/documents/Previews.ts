import { BlobStore } from "@sheaf/adapters/blobs/BlobStore"
import { readElements } from "@sheaf/adapters/blobs/elements"
import type { SegmentDraft } from "@sheaf/adapters/chunking/Chunker"
import { chunk } from "@sheaf/adapters/chunking/chunkers"
import { embedders } from "@sheaf/adapters/embedding/Embedders"
import { DatasetsRepo } from "@sheaf/adapters/repos/datasets/DatasetsRepo"
import { StandingRepo } from "@sheaf/adapters/repos/documents/StandingRepo"
import { PipelinesRepo } from "@sheaf/adapters/repos/pipelines/PipelinesRepo"
import { puttingTogether } from "@sheaf/adapters/repos/pipelines/putTogether"
import { RunsRepo } from "@sheaf/adapters/repos/runs/RunsRepo"
import { SpacesRepo } from "@sheaf/adapters/repos/spaces/SpacesRepo"
import { DocumentNotFound } from "@sheaf/domain/documents/errors"
import { CannotPreview, type Preview, type PreviewedSegment } from "@sheaf/domain/documents/Preview"
import type { Caller } from "@sheaf/domain/edge/Caller"
import { BadRequest } from "@sheaf/domain/edge/errors"
import type { DocumentId } from "@sheaf/domain/ids"
import type { PipelineNotFound } from "@sheaf/domain/pipelines/errors"
import type { RunSettings } from "@sheaf/domain/runs/RunSettings"
import { Context, Effect, Layer, Option, Stream } from "effect"
import { Documents } from "./Documents.ts"
import { makeFindParsed } from "./findParsed.ts"

/** A document is looked at up to here, however few segments that gave. */
const mostCharacters = 4_000_000
const mostWarnings = 20

/** What documents would be cut into. Nothing is stored. */
export class Previews extends Context.Service<Previews, {
  /** Reads no more of the document than the segments that are asked for need. */
  readonly document: (
    caller: Caller,
    options: { readonly documentId: DocumentId; readonly settings?: RunSettings; readonly limit?: number }
  ) => Effect.Effect<Preview, DocumentNotFound | CannotPreview | PipelineNotFound | BadRequest>
}>()("@sheaf/server/documents/Previews") {
  static readonly layer = Layer.effect(
    Previews,
    Effect.gen(function*() {
      const blobs = yield* BlobStore
      const datasets = yield* DatasetsRepo
      const documents = yield* Documents
      const { find } = yield* embedders
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

          const warnings: Array<string> = []
          const warn = (detail: string) => {
            if (warnings.length < mostWarnings) warnings.push(detail)
          }
          let looked = 0
          const elements = readElements(blobs, { tenantId, datasetId, documentId }, artefacts).pipe(
            Stream.takeWhile(({ text }) => (looked += text.length) <= mostCharacters)
          )
          const drafts = yield* chunk(elements, together.chunking, current, embedder.value.countTokens, warn).pipe(
            Stream.take(limit + 1),
            Stream.runCollect,
            Effect.catchTags({
              // The run is older than the elements that it names: they went with the document.
              BlobNotFound: () => new CannotPreview({ documentId, obstacle: "notParsed" }),
              LimitTooSmall: (error) => new BadRequest({ reason: error.message }),
              BlobStoreError: Effect.die,
              EmbedderUnavailable: Effect.die
            })
          )
          const left = [
            ...(looked > mostCharacters ? [`only the first ${mostCharacters} characters were looked at`] : []),
            ...(together.pipeline?.enrich ?? []).map(({ step }) =>
              `the step "${step}" comes after cutting: it is left out`
            )
          ]
          return {
            runId,
            segments: drafts.slice(0, limit).map(shown),
            more: drafts.length > limit || looked > mostCharacters,
            warnings: [...left, ...warnings].slice(0, mostWarnings),
            values: together.values
          }
        }
      )

      return Previews.of({ document })
    })
  )
}

const shown = ({ assets, boxes, family, fields, headingPath, text, tokens }: SegmentDraft): PreviewedSegment => ({
  text,
  headingPath,
  tokens,
  boxes,
  assets,
  ...(family !== undefined && { family }),
  ...(fields !== undefined && { fields })
})
