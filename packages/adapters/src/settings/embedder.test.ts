import { assert, it } from "@effect/vitest"
import { Option, Redacted } from "effect"
import { read, readPrevious } from "./embedder.ts"
import { Reader } from "./Reader.ts"

const reading = (environment: Readonly<Record<string, string>>) => {
  const reader = new Reader(new Map(Object.entries(environment)))
  return { own: read(reader), previous: readPrevious(reader), problems: reader.problems.map(({ about }) => about) }
}

it("the previous embedder is none, the bundled model, or a server with variables of its own", () => {
  assert.isTrue(Option.isNone(reading({}).previous))
  const bundled = reading({ SHEAF_EMBEDDER_URL: "http://gpu:8080", SHEAF_EMBEDDER_PREVIOUS: "bundled" })
  assert.deepStrictEqual(bundled.problems, [])
  assert.strictEqual(Option.getOrThrow(bundled.previous)._tag, "Bundled")
  assert.strictEqual(bundled.own._tag, "Tei")
  const server = reading({
    SHEAF_EMBEDDER_URL: "http://gpu:8080",
    SHEAF_EMBEDDER_PREVIOUS: "http://old:8080",
    SHEAF_EMBEDDER_PREVIOUS_PROTOCOL: "openai",
    SHEAF_EMBEDDER_PREVIOUS_MODEL: "bge-m3",
    SHEAF_EMBEDDER_PREVIOUS_API_KEY: "secret"
  })
  const previous = Option.getOrThrow(server.previous)
  assert.deepStrictEqual(server.problems, [])
  if (previous._tag !== "OpenAi") throw new Error(previous._tag)
  assert.deepInclude(previous.options, { url: new URL("http://old:8080"), model: "bge-m3" })
  assert.strictEqual(Redacted.value(previous.options.apiKey!), "secret")
})

it("what makes no sense of the previous embedder is said", () => {
  assert.deepStrictEqual(reading({ SHEAF_EMBEDDER_PREVIOUS: "both" }).problems, ["SHEAF_EMBEDDER_PREVIOUS"])
  assert.deepStrictEqual(reading({ SHEAF_EMBEDDER_PREVIOUS_MODEL: "m" }).problems, ["SHEAF_EMBEDDER_PREVIOUS_MODEL"])
  assert.deepStrictEqual(
    reading({ SHEAF_EMBEDDER_PREVIOUS: "bundled", SHEAF_EMBEDDER_PREVIOUS_REVISION: "1" }).problems,
    ["SHEAF_EMBEDDER_PREVIOUS", "SHEAF_EMBEDDER_PREVIOUS_REVISION"]
  )
})
