import { assert, describe, it } from "@effect/vitest"
import { Clock, Effect, Layer, Redacted } from "effect"
import { SqlClient } from "effect/sql/SqlClient"
import { createServer } from "node:net"
import * as Postgres from "./postgres.ts"

/** A server is waited for in real time. */
const real = Effect.provide(Layer.succeed(Clock.Clock, Clock.Clock.defaultValue()))

/** What `Postgres.layer` says about a URL. */
const refusal = (url: string) =>
  Effect.flip(Effect.provide(SqlClient, Postgres.layer({ url: Redacted.make(url), connectTimeout: "500 millis" })))

/** A port on which somebody listens who never says a word. */
const silentPort = Effect.acquireRelease(
  Effect.callback<{ readonly port: number; readonly close: () => void }>((resume) => {
    const server = createServer()
    server.listen(0, "127.0.0.1", () => {
      const address = server.address()
      const port = typeof address === "object" && address !== null ? address.port : 0
      resume(Effect.succeed({ port, close: () => server.close() }))
    })
  }),
  ({ close }) => Effect.sync(close)
)

describe("Postgres.layer", () => {
  it.effect("says at once that nobody listens, without telling the password", () =>
    Effect.gen(function*() {
      const { close, port } = yield* silentPort
      close()
      const error = yield* refusal(`postgresql://user:secret@127.0.0.1:${port}/sheaf`)
      assert.strictEqual(error._tag, "PostgresUnusable")
      assert.include(error.message, `127.0.0.1:${port}/sheaf`)
      assert.include(error.message, "ECONNREFUSED")
      assert.notInclude(error.message, "secret")
    }).pipe(real))

  it.effect("does not wait for ever for a server that keeps silent", () =>
    Effect.gen(function*() {
      const { port } = yield* silentPort
      assert.include((yield* refusal(`postgresql://user@127.0.0.1:${port}/sheaf`)).message, "timed out")
    }).pipe(real))

  it.effect("refuses a URL that is none", () =>
    Effect.gen(function*() {
      for (const url of ["", "nonsense", "http://127.0.0.1/sheaf"]) {
        assert.strictEqual((yield* refusal(url))._tag, "PostgresUnusable", url)
      }
    }).pipe(real))
})
