import { Context, Effect, Layer } from "effect"
import { build } from "esbuild"
import { createServer } from "node:http"
import type { AddressInfo } from "node:net"
import { basename } from "node:path"
import { fileURLToPath } from "node:url"

/**
 * Two sites that serve the same empty page, which has the SDK in parts as a bundler makes them: one that the server under test knows, and
 * one that it does not. After a request for `/breaks` the next script that is asked for does not come.
 */
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
          splitting: true,
          format: "esm",
          platform: "browser",
          outdir: "out",
          entryNames: "sdk",
          write: false
        })
      )
      const scripts = new Map(outputFiles.map(({ path, text }) => [`/${basename(path)}`, text]))
      return { known: yield* site(scripts), foreign: yield* site(scripts) }
    })
  )
}

const site = (scripts: ReadonlyMap<string, string>) =>
  Effect.acquireRelease(
    Effect.callback<{ readonly origin: string; readonly close: () => void }>((resume) => {
      let breaks = false
      const server = createServer((request, response) => {
        const script = scripts.get(request.url ?? "")
        if (request.url === "/breaks") breaks = true
        else if (script !== undefined && breaks) {
          breaks = false
          response.writeHead(503).end()
          return
        }
        response.setHeader("content-type", script === undefined ? "text/html" : "text/javascript")
        response.end(script ?? `<!doctype html><script type="module" src="/sdk.js"></script>`)
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
