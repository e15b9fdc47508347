import { assert, describe, it } from "@effect/vitest"
import { connect, DatasetNameUnknown, DocumentNotFound, SheafError } from "@sheaf/sdk/index"
import { DocumentNotFound as WireDocumentNotFound } from "@sheaf/domain/documents/errors"
import { Effect, Stream } from "effect"
import { client, rejection } from "./support/client.ts"
import { dataset, document, documentId, nothingFound } from "./support/samples.ts"
import { serve } from "./support/ScriptedServer.ts"

describe("calls", () => {
  it.live("answer, by id and by name", () =>
    Effect.gen(function*() {
      const { url } = yield* serve({
        handlers: {
          DatasetsList: ({ name }) => Effect.succeed({ items: name === "manuals" ? [dataset("manuals")] : [] }),
          DatasetsGet: () => Effect.succeed(dataset("manuals")),
          DocumentsGet: () => Effect.succeed(document()),
          SearchQuery: () => Effect.succeed(nothingFound)
        }
      })
      const sheaf = yield* client({ url })
      const found = yield* Effect.promise(() => sheaf.datasets.get("manuals"))
      assert.strictEqual(found.name, "manuals")
      const result = yield* Effect.promise(() => sheaf.search({ text: "x", datasets: ["manuals"] }))
      assert.deepStrictEqual(result.hits, [])
      const unknown = yield* rejection(() => sheaf.datasets.get("nothing"))
      assert.instanceOf(unknown, DatasetNameUnknown)
    }))

  it.live("reject with one class per error, which leads back to the caller", () =>
    Effect.gen(function*() {
      const { url } = yield* serve({
        handlers: { DocumentsGet: ({ documentId }) => Effect.fail(new WireDocumentNotFound({ documentId })) }
      })
      const sheaf = yield* client({ url })
      const error = yield* rejection(() => sheaf.documents.get(documentId))
      assert.instanceOf(error, DocumentNotFound)
      assert.instanceOf(error, WireDocumentNotFound)
      assert.isTrue(error instanceof SheafError)
      console.log(error.stack)
    }))
})
