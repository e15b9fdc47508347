import { assert, describe, it } from "@effect/vitest"
import { ConfigProvider, Duration, Effect, Option, Redacted } from "effect"
import * as Fs from "node:fs"
import * as Path from "node:path"
import { temporaryFolder } from "../../../test/support/temporaryFolder.ts"
import { embedded, isAlone, read } from "./settings.ts"
import { sections } from "./settings/sections.ts"

const under = (env: Readonly<Record<string, string>>, given: Parameters<typeof read>[0] = {}) =>
  read(given).pipe(Effect.provideService(ConfigProvider.ConfigProvider, ConfigProvider.fromEnv({ env })))

/** Variables and remedies of everything that is wrong, as the start says it. */
const problems = (env: Readonly<Record<string, string>>) =>
  Effect.map(Effect.flip(under(env)), (error) => {
    assert.strictEqual(error._tag, "BadConfiguration")
    for (const { remedy } of error.problems) assert.isNotEmpty(remedy)
    return error.problems.map(({ about }) => about)
  })

const postgres = { DATABASE_URL: "postgresql://sheaf:hunter2@db/sheaf" }
const secret = "s3cret-and-n0thing-else"

describe("settings", () => {
  it.effect("are embedded where nothing is set, and where what is set is empty", () =>
    Effect.gen(function*() {
      for (const env of [{}, { DATABASE_URL: "", NATS_URL: "", SHEAF_HOME: "" }]) {
        const { settings, warnings } = yield* under(env)
        assert.deepStrictEqual(settings, embedded("./.sheaf"))
        assert.isTrue(isAlone(settings))
        assert.deepStrictEqual(warnings, [])
      }
    }))

  it.effect("choose each part by the variable that says where it is", () =>
    Effect.gen(function*() {
      const { readings, settings } = yield* under({
        ...postgres,
        NATS_URL: "nats://a:4222,tls://b:4222",
        NATS_USER: "ada",
        NATS_PASSWORD: secret,
        AZURE_STORAGE_CONNECTION_STRING: `DefaultEndpointsProtocol=https;AccountName=store;AccountKey=${secret}=`,
        TYPESENSE_URL: "http://search:8108/",
        TYPESENSE_API_KEY: secret,
        SHEAF_EMBEDDER_URL: "http://gpu:8080",
        SHEAF_EMBEDDER_PROTOCOL: "openai",
        SHEAF_EMBEDDER_MODEL: "bge-m3",
        SHEAF_RERANKER_URL: "http://gpu:8081",
        OTEL_EXPORTER_OTLP_ENDPOINT: "http://collector:4318",
        SHEAF_DRAIN: "5 seconds",
        SHEAF_PARSERS: "6"
      }, { home: "/data", healthPort: 7421 })
      const { blobs, database, embedder, messaging, reranker, search, telemetry } = settings
      assert.deepStrictEqual(
        [database, messaging, blobs, search, embedder, reranker, telemetry].map(({ _tag }) => _tag),
        ["Postgres", "Nats", "Azure", "Typesense", "OpenAi", "Tei", "Otlp"]
      )
      assert.isFalse(isAlone(settings))
      assert.strictEqual(Duration.toSeconds(settings.drain), 5)
      assert.deepStrictEqual(settings.parsers, Option.some(6))
      assert.deepStrictEqual([settings.home, settings.healthPort], ["/data", Option.some(7421)])
      const shown = new Map(readings.map(({ origin, shown, variable }) => [variable.name, `${shown} ${origin}`]))
      assert.strictEqual(shown.get("DATABASE_URL"), "postgresql://db/sheaf environment")
      assert.strictEqual(shown.get("SHEAF_HOME"), "/data command line")
      assert.strictEqual(shown.get("SHEAF_BLOB_CONTAINER"), "sheaf default")
      const all = JSON.stringify(readings.map(({ shown }) => shown))
      for (const hidden of [secret, "hunter2"]) assert.notInclude(all, hidden)
    }))

  it.effect("say everything that makes no sense at once", () =>
    Effect.gen(function*() {
      assert.deepStrictEqual(
        yield* problems({
          DATABASE_URL: "mysql://db",
          NATS_URL: "http://nats",
          AZURE_STORAGE_CONNECTION_STRING: "nonsense",
          SHEAF_BLOB_CONTAINER: "A B",
          TYPESENSE_URL: "search",
          SHEAF_EMBEDDER_URL: "gpu",
          SHEAF_EMBEDDER_PROTOCOL: "grpc",
          SHEAF_RERANKER_URL: "gpu",
          SHEAF_DRAIN: "soon",
          SHEAF_HEALTH_PORT: "70000",
          SHEAF_LOG_FORMAT: "xml",
          SHEAF_FIRST_KEY: "password",
          OTEL_EXPORTER_OTLP_ENDPOINT: "collector"
        }),
        [
          "SHEAF_DRAIN",
          "SHEAF_HEALTH_PORT",
          "SHEAF_LOG_FORMAT",
          "SHEAF_FIRST_KEY",
          "DATABASE_URL",
          "NATS_URL",
          "AZURE_STORAGE_CONNECTION_STRING",
          "SHEAF_BLOB_CONTAINER",
          "TYPESENSE_URL",
          "TYPESENSE_API_KEY",
          "SHEAF_EMBEDDER_URL",
          "SHEAF_EMBEDDER_PROTOCOL",
          "SHEAF_RERANKER_URL",
          "OTEL_EXPORTER_OTLP_ENDPOINT"
        ]
      )
    }))

  it.effect.each<readonly [string, Readonly<Record<string, string>>, ReadonlyArray<string>]>([
    ["Typesense without its key", { TYPESENSE_URL: "http://search:8108" }, ["TYPESENSE_API_KEY"]],
    ["a key without Typesense", { TYPESENSE_API_KEY: secret }, ["TYPESENSE_API_KEY"]],
    ["NATS without PostgreSQL", { NATS_URL: "nats://nats" }, ["NATS_URL"]],
    ["a password without a user", { ...postgres, NATS_URL: "nats://nats", NATS_PASSWORD: secret }, ["NATS_USER"]],
    ["a user without a password", { ...postgres, NATS_URL: "nats://nats", NATS_USER: "ada" }, ["NATS_PASSWORD"]],
    [
      "two ways to log in",
      { ...postgres, NATS_URL: "nats://nats", NATS_TOKEN: secret, NATS_CREDS: "/no/such/file" },
      ["NATS_TOKEN, NATS_CREDS", "NATS_CREDS"]
    ],
    ["a certificate without its key", { ...postgres, NATS_URL: "tls://nats", NATS_CERT: "c.pem" }, ["NATS_KEY"]],
    ["a pool without a server", { SHEAF_DATABASE_CONNECTIONS: "5" }, ["SHEAF_DATABASE_CONNECTIONS"]],
    ["a container without an account", { SHEAF_BLOB_CONTAINER: "sheaf" }, ["SHEAF_BLOB_CONTAINER"]],
    ["a model without a server", { SHEAF_EMBEDDER_MODEL: "bge-m3" }, ["SHEAF_EMBEDDER_MODEL"]],
    [
      "threads beside a server",
      { SHEAF_EMBEDDER_URL: "http://gpu", SHEAF_EMBEDDER_THREADS: "2" },
      ["SHEAF_EMBEDDER_THREADS"]
    ],
    [
      "what one protocol says by itself",
      { SHEAF_EMBEDDER_URL: "http://gpu", SHEAF_EMBEDDER_REVISION: "2" },
      ["SHEAF_EMBEDDER_REVISION"]
    ],
    ["a secret's file that is not there", { DATABASE_URL_FILE: "/no/such/file" }, ["DATABASE_URL_FILE"]],
    ["a secret twice", { ...postgres, DATABASE_URL_FILE: "/no/such/file" }, ["DATABASE_URL"]]
  ])("refuse %s", ([, env, about]) => Effect.map(problems(env), (found) => assert.deepStrictEqual(found, about)))

  it.effect("let workers go to single addresses and to ranges", () =>
    Effect.gen(function*() {
      const { settings } = yield* under({ SHEAF_FETCH_ALLOW: "127.0.0.1, fd00::7,10.1.0.0/16" })
      assert.deepStrictEqual(settings.fetch.allow, ["127.0.0.1", "fd00::7", "10.1.0.0/16"])
      for (const wrong of ["localhost", "10.1.0.0/33", "10.1.0/16", "127.0.0.1:80"]) {
        assert.deepStrictEqual(yield* problems({ SHEAF_FETCH_ALLOW: wrong }), ["SHEAF_FETCH_ALLOW"], wrong)
      }
    }))

  it.effect("take secrets from files", () =>
    Effect.gen(function*() {
      const file = Path.join(yield* temporaryFolder("secret"), "url")
      Fs.writeFileSync(file, `${postgres.DATABASE_URL}\n`)
      const { readings, settings } = yield* under({ DATABASE_URL_FILE: file })
      const { database } = settings
      assert.strictEqual(database._tag === "Postgres" && Redacted.value(database.url), postgres.DATABASE_URL)
      assert.isTrue(readings.some(({ origin, variable }) => variable.name === "DATABASE_URL" && origin === "file"))
    }))

  it.effect("refuse keys that no header can carry, without quoting them", () =>
    Effect.gen(function*() {
      const key = `${secret}\nand more`
      const error = yield* Effect.flip(under({
        TYPESENSE_URL: "http://search:8108",
        TYPESENSE_API_KEY: key,
        SHEAF_EMBEDDER_URL: "http://gpu:8080",
        SHEAF_EMBEDDER_API_KEY: key,
        SHEAF_RERANKER_URL: "http://gpu:8081",
        SHEAF_RERANKER_API_KEY: key
      }))
      assert.sameMembers(error.problems.map(({ about }) => about), [
        "TYPESENSE_API_KEY",
        "SHEAF_EMBEDDER_API_KEY",
        "SHEAF_RERANKER_API_KEY"
      ])
      assert.notInclude(JSON.stringify(error.problems), secret)
    }))

  it.effect("never quote a secret, however wrong it is", () =>
    Effect.gen(function*() {
      const env = Object.fromEntries(
        sections.flatMap(({ variables }) => variables).filter((variable) => variable.secret).map((
          { name }
        ) => [name, secret])
      )
      const error = yield* Effect.flip(under(env))
      assert.notInclude(`${error.message} ${error.hint} ${JSON.stringify(error)}`, secret)
    }))

  it.effect("warn of names that nobody reads, with what may be meant", () =>
    Effect.gen(function*() {
      const { warnings } = yield* under({
        SHEAF_HOEM: "/data",
        SHEAF_EMBEDER_URL: "http://gpu",
        SHEAF_SOMETHING_ELSE_ALTOGETHER: "1",
        SHEAF_TEST_TEI_URL: "http://gpu",
        DATABASE_URL_FILE: "",
        OTHER_HOME: "1"
      })
      assert.lengthOf(warnings, 3)
      assert.include(warnings[0], "SHEAF_EMBEDDER_URL")
      assert.include(warnings[1], "SHEAF_HOME")
      assert.notInclude(warnings[2], "meant")
    }))
})
