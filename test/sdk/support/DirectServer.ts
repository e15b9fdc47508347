import { BlobServiceClient } from "@azure/storage-blob"
import * as Azure from "@sheaf/adapters/blobs/azure"
import { Effect, Layer, Redacted } from "effect"
import { Azurite } from "../../support/backends/AzuriteServer.ts"
import * as TestServer from "../../support/TestServer.ts"
import { Pages } from "./Pages.ts"

export const maxUploadBytes = 20_000_000

const blobs = Layer.unwrap(
  Effect.map(
    Azurite,
    ({ connectionString }) =>
      Azure.layer({ credentials: { connectionString }, container: "direct", attempts: 2, blockBytes: 1024 * 1024 })
  )
).pipe(Layer.provide(Azurite.layer), Layer.orDie)

/** A server whose blobs are in Azurite, where clients may reach them. It lets pages of one origin in; Azurite lets none in yet. */
export const layer = Layer.unwrap(
  Effect.map(
    Pages,
    ({ known }) => TestServer.layer({ corsOrigins: [known], limits: { maxUploadBytes } }, TestServer.adaptersOn(blobs))
  )
).pipe(Layer.provideMerge(Layer.merge(Pages.layer, Azurite.layer)))

/** What the documentation says that the account must be told, so that pages can reach blobs. */
export const allowOrigin = (origin: string) =>
  Effect.flatMap(
    Azurite,
    ({ connectionString }) =>
      Effect.promise(() =>
        BlobServiceClient.fromConnectionString(Redacted.value(connectionString)).setProperties({
          cors: [{
            allowedOrigins: origin,
            allowedMethods: "GET,PUT",
            allowedHeaders: "x-ms-blob-condition-appendpos,range",
            exposedHeaders: "content-disposition,content-range,etag",
            maxAgeInSeconds: 600
          }]
        })
      )
  )

export interface Request {
  readonly method: string
  readonly url: URL
  readonly headers: Headers
  readonly bytes: number
}

/** A `fetch` that keeps a list, and where `meddle` may take a request's place or spoil its answer. */
export const listeningFetch = (
  meddle: (request: Request, go: () => Promise<Response>) => Promise<Response> = (_, go) => go()
) => {
  const requests: Array<Request> = []
  const fetch: typeof globalThis.fetch = (input, init) => {
    const { body } = init ?? {}
    const request = {
      method: init?.method ?? "GET",
      url: new URL(String(input)),
      headers: new Headers(init?.headers),
      bytes: body instanceof Uint8Array ? body.byteLength : 0
    }
    requests.push(request)
    return meddle(request, () => globalThis.fetch(input, init))
  }
  const toStore = (endpoint: string) => requests.filter(({ url }) => url.href.startsWith(endpoint))
  return { fetch, requests, toStore }
}
