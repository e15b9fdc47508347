import { assert, layer } from "@effect/vitest"
import { Context, Effect, Layer, Redacted } from "effect"
import * as AzuriteServer from "./support/backends/AzuriteServer.ts"
import * as Cli from "./support/processes/Cli.ts"
import { makeGpu } from "./support/gpu/GpuServer.ts"
import * as NatsServer from "./support/backends/NatsServer.ts"
import * as PostgresServer from "./support/backends/PostgresServer.ts"
import { temporaryFolder } from "./support/temporaryFolder.ts"
import * as TypesenseDouble from "./support/typesense/TypesenseDouble.ts"

const secret = "s3cret-and-n0thing-else"
const nobodysKey = Buffer.from(secret.repeat(3)).toString("base64")

/** Servers that all answer, and none of which can be used as it is. */
class Servers extends Context.Service<Servers, {
  readonly cwd: string
  readonly databaseUrl: string
  readonly right: Readonly<Record<string, string>>
  readonly wrong: Readonly<Record<string, string>>
}>()("sheaf/test/configuration.test/Servers") {
  static readonly layer = Layer.effect(
    Servers,
    Effect.gen(function*() {
      const cwd = yield* temporaryFolder("configuration")
      const cluster = yield* temporaryFolder("cluster")
      yield* PostgresServer.initialise(cluster)
      const gpu = makeGpu({})
      const [postgres, nats, withoutJetStream, azurite, typesense, port] = yield* Effect.all([
        PostgresServer.start(cluster),
        NatsServer.start(),
        NatsServer.start({ jetstream: false }),
        AzuriteServer.start,
        TypesenseDouble.start({ port: 0, apiKey: "right" }),
        Effect.acquireRelease(gpu.listen(0), () => gpu.close)
      ], { concurrency: "unbounded" })
      const databaseUrl = Redacted.value(postgres.url("postgres"))
      const connection = Redacted.value(azurite.connectionString)
      const right = {
        DATABASE_URL: databaseUrl,
        NATS_URL: nats.url,
        AZURE_STORAGE_CONNECTION_STRING: connection,
        TYPESENSE_URL: typesense.url.href,
        TYPESENSE_API_KEY: "right",
        SHEAF_EMBEDDER_URL: `http://127.0.0.1:${port}`,
        // The tests' own choice for the bundled model.
        SHEAF_EMBEDDER_THREADS: ""
      }
      const wrong = {
        ...right,
        NATS_URL: withoutJetStream.url,
        AZURE_STORAGE_CONNECTION_STRING: connection.replace(/AccountKey=[^;]+/, `AccountKey=${nobodysKey}`),
        TYPESENSE_API_KEY: secret,
        SHEAF_EMBEDDER_MODEL: "another-model",
        SHEAF_EMBEDDER_API_KEY: secret
      }
      return { cwd, databaseUrl, right, wrong }
    })
  )
}

const holdsNoSecret = ({ stderr, stdout }: Cli.Finished) => {
  for (const hidden of [secret, nobodysKey]) assert.notInclude(stdout + stderr, hidden)
}

layer(Servers.layer, { timeout: 120_000, excludeTestServices: true })("a configuration", (it) => {
  it.effect("that one process cannot share is refused", () =>
    Effect.gen(function*() {
      const { cwd } = yield* Servers
      for (const command of ["api", "worker"]) {
        const { code, stderr, stdout } = yield* Cli.run([command], { cwd })
        assert.deepStrictEqual([code, stdout], [3, ""], stderr)
        assert.include(stderr, "DATABASE_URL")
        assert.include(stderr, "sheaf serve")
      }
    }), 60_000)

  it.effect(
    "of servers that are not there: each is named, and starting again later may do",
    () =>
      Effect.gen(function*() {
        const { cwd } = yield* Servers
        const nowhere = "127.0.0.1:1"
        const result = yield* Cli.run(["worker"], {
          cwd,
          env: {
            DATABASE_URL: `postgresql://sheaf:${secret}@${nowhere}/sheaf`,
            NATS_URL: `nats://sheaf:${secret}@${nowhere}`,
            AZURE_STORAGE_CONNECTION_STRING:
              `DefaultEndpointsProtocol=http;AccountName=sheaf;AccountKey=${nobodysKey};BlobEndpoint=http://${nowhere}/sheaf`,
            SHEAF_EMBEDDER_URL: `http://${nowhere}`,
            SHEAF_EMBEDDER_API_KEY: secret,
            SHEAF_EMBEDDER_THREADS: "",
            SHEAF_START_WAIT: "1 second"
          }
        })
        assert.strictEqual(result.code, 1, result.stderr)
        assert.include(result.stderr, "waits for database (DATABASE_URL)")
        assert.include(result.stderr, "error[DependencyDown]: 4 things stand in the way")
        const places = ["database", "messaging", "blobs", "embedder"].map((part) =>
          result.stderr.indexOf(`\n  ${part}`)
        )
        assert.deepStrictEqual(places, places.toSorted((a, b) => a - b))
        assert.isAbove(places[0]!, 0)
        holdsNoSecret(result)
      }),
    60_000
  )

  it.effect("of servers that refuse: everything is said at once, and what to do", () =>
    Effect.gen(function*() {
      const { cwd, wrong } = yield* Servers
      const result = yield* Cli.run(["api"], { cwd, env: wrong })
      assert.strictEqual(result.code, 3, result.stderr)
      for (
        const words of [
          "error[BadConfiguration]: 5 things stand in the way",
          "sheaf migrate",
          "JetStream is not enabled",
          "SHEAF_BLOB_CONTAINER",
          "TYPESENSE_API_KEY",
          "another-model"
        ]
      ) assert.include(result.stderr, words)
      assert.strictEqual(result.stdout, "")
      holdsNoSecret(result)

      const doctor = yield* Cli.run(["doctor", "--json"], { cwd, env: wrong })
      assert.strictEqual(doctor.code, 1, doctor.stderr)
      const { fences, parts } = JSON.parse(doctor.stdout)
      const failed = parts.filter(({ status }: { readonly status: string }) => status === "fail")
      assert.deepStrictEqual(
        failed.map(({ name }: { readonly name: string }) => name),
        ["migrations", "nats", "blobs", "search", "embedder"]
      )
      assert.isNotEmpty(fences)
      holdsNoSecret(doctor)
    }), 120_000)

  it.effect("without an engine that can search is refused", () =>
    Effect.gen(function*() {
      const { cwd, databaseUrl } = yield* Servers
      const { code, stderr } = yield* Cli.run(["api"], { cwd, env: { DATABASE_URL: databaseUrl } })
      assert.strictEqual(code, 3, stderr)
      assert.include(stderr, "extension vector")
      assert.include(stderr, "TYPESENSE_URL")
    }), 60_000)

  it.effect("is shown with where it comes from, and warned of where a name is wrong", () =>
    Effect.gen(function*() {
      const { cwd, wrong } = yield* Servers
      const result = yield* Cli.run(["config", "--home", "elsewhere"], { cwd, env: { ...wrong, SHEAF_HOEM: "x" } })
      assert.strictEqual(result.code, 0, result.stderr)
      assert.match(result.stdout, /SHEAF_HOME +command line +elsewhere/)
      assert.match(result.stdout, /TYPESENSE_API_KEY +environment +\(secret\)/)
      assert.include(result.stderr, "Is SHEAF_HOME meant?")
      holdsNoSecret(result)
    }), 60_000)

  it.effect(
    "of servers that are right: doctor finds nothing, once the database is migrated",
    () =>
      Effect.gen(function*() {
        const { cwd, right } = yield* Servers
        const check = Cli.run(["migrate", "--check", "--json"], { cwd, env: right })
        const before = yield* check
        assert.deepStrictEqual([before.code, before.stdout], [1, ""])
        assert.include(before.stderr, "0001_foundation")

        const attempts = yield* Effect.all(
          Array.from({ length: 3 }, () => Cli.run(["migrate", "--json"], { cwd, env: right })),
          { concurrency: "unbounded" }
        )
        const applied = attempts.map(({ code, stderr, stdout }) => {
          assert.strictEqual(code, 0, stderr)
          return JSON.parse(stdout).applied.length
        })
        assert.lengthOf(applied.filter((count) => count > 0), 1)
        assert.strictEqual((yield* check).code, 0)

        const doctor = yield* Cli.run(["doctor"], { cwd, env: right })
        assert.strictEqual(doctor.code, 0, doctor.stderr + doctor.stdout)
        assert.include(doctor.stdout, "nats-server 2.")
        assert.notInclude(doctor.stdout, "fail")
      }),
    180_000
  )
})
