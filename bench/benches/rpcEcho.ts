// Claim: a call costs no more than an HTTP request that is answered by a bare `node:http`, although its key is looked up in the
// database, its scope is checked, and it is counted.
// How: `AdminInfo`, which answers what this server is and who asks, over one WebSocket, from the SDK and from Effect's own RPC client; and
// POST requests of about the same size over kept connections, with `node:http`. All from this process, by 32 senders that go on as soon as
// they are answered, each server a process of its own; in turns, five times, the medians. The API runs on PostgreSQL.
import { ApiRpcs } from "@sheaf/domain/ApiRpcs"
import { Sheaf } from "@sheaf/sdk/effect"
import { Effect, FileSystem, Layer, Schema } from "effect"
import { RpcClient, RpcSerialization } from "effect/rpc"
import * as Socket from "effect/socket/Socket"
import { Agent, request } from "node:http"
import * as Bench from "../framework/Bench.ts"
import { median, timed } from "../framework/measure.ts"
import * as Program from "../support/Program.ts"
import * as servers from "../support/servers.ts"

const calls = 4_000
const inFlight = 32
/** Code that is hot: some 40,000 calls until nothing becomes quicker any more. */
const warmUps = 10
const rounds = 5

const Api = Schema.Struct({ url: Schema.String, key: Schema.String })
const Echo = Schema.Struct({ port: Schema.Int })

const connect = Effect.fnUntraced(function*(url: string) {
  const socket = Socket.layerWebSocket(`${url.replace("http", "ws")}/rpc`).pipe(
    Layer.provide(Socket.layerWebSocketConstructorGlobal)
  )
  const protocol = RpcClient.layerProtocolSocket().pipe(
    Layer.provide(Layer.merge(socket, RpcSerialization.layerNdjson))
  )
  return yield* RpcClient.make(ApiRpcs).pipe(Effect.provide(yield* Layer.build(protocol)))
})

/** One request; resolves with the body of the answer. */
const post = (agent: Agent, port: number, body: string) =>
  new Promise<string>((resolve, reject) => {
    const sent = request({
      agent,
      host: "127.0.0.1",
      port,
      method: "POST",
      headers: { "content-type": "application/json", "content-length": body.length }
    }, (response) => {
      let text = ""
      response.setEncoding("utf8")
      response.on("data", (chunk: string) => {
        text += chunk
      })
      response.on("end", () => resolve(text))
    })
    sent.on("error", reject)
    sent.end(body)
  })

export default Bench.make({
  name: "rpc-echo",
  claim: "a call costs no more than a bare HTTP request",
  minutes: 4,
  run: Effect.gen(function*() {
    const fs = yield* FileSystem.FileSystem
    const { url: database } = yield* servers.postgres
    const folder = yield* fs.makeTempDirectoryScoped({ prefix: "sheaf-bench-" })
    const api = yield* Program.start("api.ts", [database, folder])
    const echo = yield* Program.start("echo.ts")
    const { key, url } = yield* Schema.decodeUnknownEffect(Api)(api.ready)
    const { port } = yield* Schema.decodeUnknownEffect(Echo)(echo.ready)
    const client = yield* connect(url)
    const agent = new Agent({ keepAlive: true, maxSockets: inFlight })
    yield* Effect.addFinalizer(() => Effect.sync(() => agent.destroy()))

    const sheaf = yield* Sheaf.pipe(
      Effect.provide(yield* Layer.build(Sheaf.layer({ url, key })))
    )
    const info = client.AdminInfo().pipe(RpcClient.withHeaders({ authorization: `Bearer ${key}` }))
    const body = JSON.stringify(yield* info)
    const called = <A, E>(call: Effect.Effect<A, E>) =>
      Effect.suspend(() => {
        let next = 0
        const sender = Effect.whileLoop({ while: () => next++ < calls, body: () => call, step: () => {} })
        return Effect.all(Array.from({ length: inFlight }, () => sender), { concurrency: inFlight, discard: true })
      })
    const posts = Effect.promise(() => {
      let next = 0
      const sender = async () => {
        while (next++ < calls) await post(agent, port, body)
      }
      return Promise.all(Array.from({ length: inFlight }, sender))
    })
    const rate = <A, E>(effect: Effect.Effect<A, E>) =>
      Effect.map(timed(Effect.orDie(effect)), ({ ms }) => calls / ms * 1_000)
    const found = { sdk: new Array<number>(), rpc: new Array<number>(), http: new Array<number>() }
    for (let round = 0; round < warmUps + rounds; round++) {
      const [sdk, rpc, http] = [yield* rate(called(sheaf.info())), yield* rate(called(info)), yield* rate(posts)]
      if (round < warmUps) continue
      found.sdk.push(sdk)
      found.rpc.push(rpc)
      found.http.push(http)
    }
    const [sdk, rpc, http] = [median(found.sdk), median(found.rpc), median(found.http)]
    return [
      { name: "AdminInfo from the SDK", value: sdk, unit: "calls/s" },
      { name: "AdminInfo from Effect's RPC client", value: rpc, unit: "calls/s" },
      { name: "bare node:http echo", value: http, unit: "calls/s" },
      { name: "AdminInfo from the SDK to bare echo", value: sdk / http, unit: "x", target: { atLeast: 1 } },
      { name: "AdminInfo from Effect's RPC client to bare echo", value: rpc / http, unit: "x" }
    ]
  })
})
