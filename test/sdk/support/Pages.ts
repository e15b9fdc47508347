import { Context, Effect, Layer } from "effect"
import { build } from "esbuild"
import { createServer } from "node:http"
import type { AddressInfo } from "node:net"
import { fileURLToPath } from "node:url"

/** Two sites that serve the same empty page, which has the SDK: one that the server under test knows, and one that it does not. */
export class Pages extends Context.Service<Pages, {
  readonly known: string
  readonly foreign: string
}>()("sheaf/test/sdk/support/Pages") {
  static readonly layer = Layer.effect(
    Pages,
    Effect.gen(function*() {
      const { outputFiles } = yield* Effect.promise(() =>
        build({
          stdin: {
            contents: `import * as sdk from "@sheaf/sdk/index"\nglobalThis.sdk = sdk\n`,
            resolveDir: fileURLToPath(new URL(".", import.meta.url))
          },
          bundle: true,
          format: "esm",
          platform: "browser",
          write: false
        })
      )
      const script = outputFiles[0]!.text
      return { known: yield* site(script), foreign: yield* site(script) }
    })
  )
}

const site = (script: string) =>
  Effect.acquireRelease(
    Effect.callback<{ readonly origin: string; readonly close: () => void }>((resume) => {
      const server = createServer((request, response) => {
        const isScript = request.url === "/sdk.js"
        response.setHeader("content-type", isScript ? "text/javascript" : "text/html")
        response.end(isScript ? script : `<!doctype html><script type="module" src="/sdk.js"></script>`)
      })
      const close = () => {
        server.closeAllConnections()
        server.close()
      }
      server.listen(0, "127.0.0.1", () => {
        resume(Effect.succeed({ origin: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, close }))
      })
    }),
    ({ close }) => Effect.sync(close)
  ).pipe(Effect.map(({ origin }) => origin))
