import { assert, it } from "@effect/vitest"
import { ApiRpcs } from "@sheaf/domain/ApiRpcs"
import { Effect } from "effect"
import * as TestServer from "../../../../test/support/TestServer.ts"

const id = "01890a5d-ac96-774b-bcce-b302099a8057"

it.layer(TestServer.layer(), { timeout: "60 seconds" })("JSON-RPC", (it) => {
  const post = (body: string, init: Parameters<typeof TestServer.request>[1] = {}) =>
    TestServer.request("/rpc/json", { method: "POST", body, ...init })

  it.effect("complains in its own words about what is not a call", () =>
    Effect.gen(function*() {
      const cases = [
        ["{", 400, -32700],
        ["", 400, -32700],
        ["null", 400, -32600],
        ["3", 400, -32600],
        ["{}", 400, -32600],
        ["[]", 400, -32600],
        [`{"jsonrpc":"1.0","id":1,"method":"AdminInfo"}`, 400, -32600],
        [`{"jsonrpc":"2.0","id":{},"method":"AdminInfo"}`, 400, -32600],
        [`{"jsonrpc":"2.0","id":1,"method":5}`, 400, -32600],
        [`{"jsonrpc":"2.0","id":1,"method":"nope"}`, 404, -32601],
        [`{"jsonrpc":"2.0","id":1,"method":"__proto__"}`, 404, -32601],
        [`{"jsonrpc":"2.0","id":1,"method":"DatasetsGet"}`, 422, -32602],
        [`{"jsonrpc":"2.0","id":1,"method":"DatasetsGet","params":["${id}"]}`, 422, -32602],
        [`{"jsonrpc":"2.0","id":1,"method":"DatasetsGet","params":{"datasetId":"x"}}`, 422, -32602],
        [`{"jsonrpc":"2.0","id":1,"method":"DatasetsList","params":{"limits":5}}`, 422, -32602],
        [`{"jsonrpc":"2.0","id":1,"method":"DatasetsCreate","params":{"name":"a\\u0000b"}}`, 422, -32602],
        [`{"jsonrpc":"2.0","id":1,"method":"DatasetsCreate","params":{"name":"a\\ud800b"}}`, 422, -32602],
        [`{"jsonrpc":"2.0","id":1,"method":"EventsSubscribe","params":{}}`, 400, -32600]
      ] as const
      for (const [body, status, code] of cases) {
        const answer = yield* post(body)
        assert.deepStrictEqual([answer.status, answer.json.error.code], [status, code], body)
        assert.strictEqual(answer.json.jsonrpc, "2.0")
        assert.isNotEmpty(answer.json.error.data.message)
      }
      const streamed = yield* post(`{"jsonrpc":"2.0","id":1,"method":"EventsSubscribe","params":{}}`)
      assert.include(streamed.json.error.message, "EventsList")
    }))

  it.effect("has the HTTP status of the error, and its tag and fields", () =>
    Effect.gen(function*() {
      const { keys } = yield* TestServer.makeTenant
      const missing = yield* TestServer.rpc(keys.read, "DatasetsGet", { datasetId: id })
      assert.strictEqual(missing.status, 404)
      assert.deepStrictEqual(missing.json, {
        jsonrpc: "2.0",
        id: 1,
        error: {
          code: -32000,
          message: missing.json.error.message,
          data: { tag: "DatasetNotFound", message: missing.json.error.message, retryable: false, datasetId: id }
        }
      })
      assert.strictEqual((yield* TestServer.rpc(keys.read, "DatasetsCreate", { name: "a" })).status, 403)
      assert.strictEqual((yield* TestServer.rpc(undefined, "DatasetsList", {})).status, 401)
      const large = yield* post(`{"jsonrpc":"2.0","id":1,"method":"DatasetsList","x":"${"x".repeat(9_000_000)}"}`)
      assert.strictEqual(large.status, 413)
    }))

  it.effect("keeps the id of a call, and answers one without id only if it fails", () =>
    Effect.gen(function*() {
      const { keys } = yield* TestServer.makeTenant
      for (const [sent, expected] of [["\"a\"", "a"], ["7", 7], ["null", null], ["1.5", 1.5]] as const) {
        const { json } = yield* post(`{"jsonrpc":"2.0","id":${sent},"method":"DatasetsList"}`, { key: keys.read })
        assert.deepStrictEqual(json, { jsonrpc: "2.0", id: expected, result: { items: [] } })
      }
      const silent = yield* post(`{"jsonrpc":"2.0","method":"DatasetsCreate","params":{"name":"n"}}`, {
        key: keys.write
      })
      assert.deepStrictEqual([silent.status, silent.text], [204, ""])
      assert.lengthOf((yield* TestServer.ok(keys.read, "DatasetsList")).items, 1)
      const failed = yield* post(`{"jsonrpc":"2.0","method":"DatasetsCreate","params":{"name":"n"}}`, {
        key: keys.write
      })
      assert.strictEqual(failed.status, 409)
    }))

  it.effect("answers a batch call by call", () =>
    Effect.gen(function*() {
      const { keys } = yield* TestServer.makeTenant
      const batch = [
        { jsonrpc: "2.0", id: 1, method: "DatasetsList" },
        { jsonrpc: "2.0", method: "DatasetsList" },
        { jsonrpc: "2.0", id: 2, method: "nope" },
        { jsonrpc: "2.0", id: 3, method: "DatasetsGet", params: { datasetId: id } },
        5
      ]
      const { json, status } = yield* post(JSON.stringify(batch), { key: keys.read })
      assert.strictEqual(status, 200)
      const short = json.map((answer: { readonly id: unknown; readonly error?: { readonly code: number } }) => [
        answer.id,
        answer.error?.code
      ])
      assert.deepStrictEqual(short, [[1, undefined], [2, -32601], [3, -32000], [null, -32600]])
      const silent = yield* post(JSON.stringify([batch[1], batch[1]]), { key: keys.read })
      assert.strictEqual(silent.status, 204)
      const many = yield* post(JSON.stringify(Array.from({ length: 51 }, () => batch[0])), { key: keys.read })
      assert.strictEqual(many.status, 400)
    }))

  it.effect("makes an idempotency key for a mutation without one, or takes that of the header", () =>
    Effect.gen(function*() {
      const { keys } = yield* TestServer.makeTenant
      const body = `{"jsonrpc":"2.0","id":1,"method":"DatasetsCreate","params":{"name":"n"}}`
      const headers = { "idempotency-key": "k" }
      const first = yield* post(body, { key: keys.write, headers })
      assert.deepStrictEqual((yield* post(body, { key: keys.write, headers })).json, first.json)
      assert.strictEqual((yield* post(body, { key: keys.write })).status, 409)
    }))

  it.effect("says what it can do", () =>
    Effect.gen(function*() {
      const { result } = (yield* post(`{"jsonrpc":"2.0","id":1,"method":"rpc.discover"}`)).json
      const names = result.methods.map((method: { readonly name: string }) => method.name)
      const streams = new Set(["DocumentsWatch", "EventsSubscribe"])
      assert.deepStrictEqual(
        names.sort(),
        Array.from(ApiRpcs.requests.keys(), String).filter((tag) => !streams.has(tag)).sort()
      )
      const text = JSON.stringify(result)
      for (const [, name] of text.matchAll(/"\$ref":"#\/components\/schemas\/([^"]+)"/g)) {
        assert.property(result.components.schemas, name!.replaceAll("~1", "/").replaceAll("~0", "~"))
      }
      const create = result.methods.find((method: { readonly name: string }) => method.name === "DatasetsCreate")
      const required = create.params.filter((one: { readonly required: boolean }) => one.required)
      assert.deepStrictEqual(required.map((one: { readonly name: string }) => one.name), ["name"])
    }))
})
