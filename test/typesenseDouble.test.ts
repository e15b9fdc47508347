import { assert, it } from "@effect/vitest"
import { Effect, Queue, Redacted, Schedule, Schema } from "effect"
import { readdirSync, readFileSync } from "node:fs"
import * as Program from "./support/processes/program.ts"
import { temporaryFolder } from "./support/temporaryFolder.ts"
import { send } from "./support/typesense/send.ts"
import * as TypesenseDouble from "./support/typesense/TypesenseDouble.ts"

// Every answer of the double is held against the one that a real server gave to the same requests in the same order.

const Call = Schema.Struct({
  what: Schema.String,
  request: Schema.Struct({
    method: Schema.Literals(["GET", "POST", "PUT", "PATCH", "DELETE"]),
    path: Schema.String,
    query: Schema.optionalKey(Schema.Record(Schema.String, Schema.String)),
    body: Schema.optionalKey(Schema.Unknown),
    /** `admin` where there is none. */
    key: Schema.optionalKey(Schema.String)
  }),
  response: Schema.Struct({ status: Schema.Int, body: Schema.Unknown })
})

const Recording = Schema.Struct({
  about: Schema.String,
  /** A collection that was there. */
  setup: Schema.optionalKey(Schema.Unknown),
  calls: Schema.Array(Call)
})

const folder = new URL("./fixtures/typesense/", import.meta.url)
const decode = Schema.decodeUnknownSync(Schema.fromJsonString(Recording))
const recordings = readdirSync(folder).map((name) => ({
  name,
  recording: decode(readFileSync(new URL(name, folder), "utf8"))
}))

const keys = { admin: undefined, wrong: "wrong" } as const

const ask = (double: Double, { key = "admin", ...request }: typeof Call.Type["request"]) => {
  const own = key === "admin" || key === "wrong" ? keys[key] : null
  return send(double, { ...request, ...(own !== undefined && { key: own }) })
}
type Double = Effect.Success<ReturnType<typeof TypesenseDouble.start>>

/** What no two servers have in common. */
const volatile = new Set(["created_at", "search_time_ms"])

const isObject = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === "object" && value !== null && !Array.isArray(value)

/** The parser of the real server says where bad JSON goes wrong, in words of its own. */
const plainly = (text: string) => text.replace(/^(Bad JSON: ).*(parse error|SyntaxError).*$/s, "$1")

const agree = (actual: unknown, expected: unknown, path: string): void => {
  if (isObject(expected)) {
    assert.isTrue(isObject(actual), path)
    const [found, wanted] = [actual as Readonly<Record<string, unknown>>, expected]
    assert.deepStrictEqual(Object.keys(found).sort(), Object.keys(wanted).sort(), path)
    for (const key of Object.keys(wanted)) if (!volatile.has(key)) agree(found[key], wanted[key], `${path}.${key}`)
  } else if (Array.isArray(expected)) {
    assert.isTrue(Array.isArray(actual) && actual.length === expected.length, `${path}: as many`)
    expected.forEach((one, i) => agree((actual as ReadonlyArray<unknown>)[i], one, `${path}[${i}]`))
  } else if (typeof expected === "number" && !Number.isInteger(expected)) {
    // Distances are float32 there and here, but not added up in the same order.
    assert.approximately(Number(actual), expected, 1e-6, path)
  } else if (typeof expected === "string") assert.strictEqual(plainly(String(actual)), plainly(expected), path)
  else assert.strictEqual(actual, expected, path)
}

/** Recorded in short: how many, and the ids of the hits. */
const agreeInShort = (actual: unknown, expected: Readonly<Record<string, unknown>>, isSorted: boolean) => {
  const whole = actual as { readonly hits?: ReadonlyArray<{ readonly document: { readonly id: string } }> }
  const found: Record<string, unknown> = { ...whole, ids: whole.hits?.map(({ document }) => document.id) }
  for (const [key, value] of Object.entries(expected)) {
    if (key === "_trimmed") continue
    if (key !== "ids" || isSorted) assert.deepStrictEqual(found[key], value, key)
    else assert.sameMembers(found[key] as Array<unknown>, value as Array<unknown>)
  }
}

const parsed = (text: string): unknown => JSON.parse(text)

const agreeOn = ({ request, response }: typeof Call.Type, text: string) => {
  const { body } = response
  const isSorted = request.query?.["sort_by"] !== undefined
  if (isObject(body) && body["_trimmed"] === true) return agreeInShort(parsed(text), body, isSorted)
  if (typeof body !== "string") return agree(parsed(text), body, "body")
  const [lines, expected] = [text, body].map((all) => all.split("\n"))
  assert.strictEqual(lines!.length, expected!.length)
  if (body !== "") expected!.forEach((line, i) => agree(parsed(lines![i]!), parsed(line), `line ${i}`))
}

const problemOf = (check: () => void): string | undefined => {
  try {
    check()
    return undefined
  } catch (error) {
    return String(error)
  }
}

for (const { name, recording } of recordings) {
  it.live(`the double answers as Typesense 29 did: ${name}`, () =>
    Effect.gen(function*() {
      const double = yield* TypesenseDouble.start()
      if (recording.setup !== undefined) {
        yield* send(double, { method: "POST", path: "/collections", body: recording.setup })
      }
      for (const call of recording.calls) {
        const { status, text } = yield* ask(double, call.request)
        const problem = problemOf(() => {
          assert.strictEqual(status, call.response.status)
          agreeOn(call, text)
        })
        assert.isUndefined(problem, `${call.what}: ${problem}\n${text.slice(0, 500)}`)
      }
    }))
}

it.live("the double keeps what it acknowledged when it is killed, and says when it has read it all again", () =>
  Effect.gen(function*() {
    const data = yield* temporaryFolder("typesense")
    const apiKey = Redacted.make("double")
    const begin = Effect.fnUntraced(function*(port: string) {
      const program = yield* Program.start("typesense.ts", ["--data", data, "--port", port])
      return { ...program, url: new URL(yield* Queue.take(program.lines)), apiKey }
    })
    const first = yield* begin("0")
    const fields = [{ name: "t", type: "string" }]
    yield* send(first, { method: "POST", path: "/collections", body: { name: "kept", fields } })
    for (const id of ["a", "b", "c"]) {
      const path = "/collections/kept/documents/import"
      yield* send(first, { method: "POST", path, body: { id, t: "word" }, query: { action: "upsert" } })
    }
    yield* first.kill("SIGKILL")
    const second = yield* begin(first.url.port)
    assert.strictEqual(second.url.href, first.url.href)
    yield* send(second, { method: "GET", path: "/status" }).pipe(
      Effect.repeat({ until: ({ text }) => text.includes(`"queued_writes":0`), schedule: Schedule.spaced("10 millis") })
    )
    const { text } = yield* send(second, { method: "GET", path: "/collections/kept" })
    assert.include(text, `"num_documents":3`)
  }).pipe(Effect.scoped))
