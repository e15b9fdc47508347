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

/** A port on which somebody listens who says the same to everybody, or never a word. */
const portSaying = (said: Buffer | undefined) =>
  Effect.acquireRelease(
    Effect.callback<{ readonly port: number; readonly close: () => void }>((resume) => {
      const server = createServer((socket) => {
        if (said !== undefined) socket.once("data", () => socket.end(said))
      })
      server.listen(0, "127.0.0.1", () => {
        const address = server.address()
        const port = typeof address === "object" && address !== null ? address.port : 0
        resume(Effect.succeed({ port, close: () => server.close() }))
      })
    }),
    ({ close }) => Effect.sync(close)
  )

const silentPort = portSaying(undefined)

/** An ErrorResponse of the protocol: severity, SQLSTATE and message. */
const errorOf = (code: string, message: string): Buffer => {
  const fields = Buffer.from(`SFATAL\0C${code}\0M${message}\0\0`)
  const head = Buffer.from("E\0\0\0\0")
  head.writeInt32BE(fields.length + 4, 1)
  return Buffer.concat([head, fields])
}

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

  it.effect("says what to set where a pooler keeps no settings", () =>
    Effect.gen(function*() {
      const { port } = yield* portSaying(errorOf("08P01", "unsupported startup parameter: options"))
      assert.include(
        (yield* refusal(`postgresql://user@127.0.0.1:${port}/sheaf`)).message,
        "SHEAF_DATABASE_POOLER=true"
      )
    }).pipe(real))

  it.effect("refuses a URL that is none", () =>
    Effect.gen(function*() {
      for (const url of ["", "nonsense", "http://127.0.0.1/sheaf"]) {
        assert.strictEqual((yield* refusal(url))._tag, "PostgresUnusable", url)
      }
    }).pipe(real))
})
