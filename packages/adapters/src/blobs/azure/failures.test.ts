import { assert, it } from "@effect/vitest"
import { Deferred, Effect, Exit, Fiber, Option, Redacted, Stream } from "effect"
import { spawn } from "node:child_process"
import { createInterface } from "node:readline"
import { fileURLToPath } from "node:url"
import { inspect } from "node:util"
import { hashOfPattern, namesBelow, newKey, open, piecesOf } from "../../../../../test/support/backends/azureStores.ts"
import { Azurite } from "../../../../../test/support/backends/AzuriteServer.ts"
import { type LossyProxy, lossyProxyTo } from "../../../../../test/support/backends/LossyProxy.ts"
import { patternBytes } from "../../../../../test/support/pattern.ts"
import type { AzureOptions } from "../azure.ts"
import {
  type BlobExists,
  BlobKey,
  type BlobNotFound,
  type BlobStore,
  BlobStoreError,
  type StageOffsetMismatch
} from "../BlobStore.ts"

const small = 64 * 1024

/** The same through a proxy. */
const openThrough = (proxy: LossyProxy, options: Partial<AzureOptions> = {}) =>
  Effect.gen(function*() {
    const { account, key } = yield* Azurite
    const endpoint = `http://127.0.0.1:${proxy.port}/${account}`
    return yield* open({ credentials: { account, key, endpoint }, ...options })
  })

/** Each thing that a store can be asked, about one key. */
const everyCall = (
  store: BlobStore["Service"],
  key: BlobKey
): ReadonlyArray<Effect.Effect<void, BlobExists | BlobNotFound | BlobStoreError | StageOffsetMismatch>> => [
  Effect.asVoid(store.size(key)),
  Effect.asVoid(store.put(key, Stream.make(new Uint8Array(10)))),
  Effect.asVoid(store.stage(key, 0, Stream.make(new Uint8Array(10)))),
  Effect.asVoid(store.staged(key)),
  Effect.asVoid(store.commit(key)),
  Stream.runDrain(store.get(key)),
  Effect.asVoid(Effect.scoped(store.localFile(key))),
  Stream.runDrain(store.list(key)),
  Effect.asVoid(store.removePrefix(key))
]

it.layer(Azurite.layer, { timeout: "1 minute", excludeTestServices: true })("BlobStore on Azure", (it) => {
  it.effect("lets one of eight processes create a blob, with all of its blocks", () =>
    Effect.gen(function*() {
      const key = newKey()
      const stores = yield* Effect.all(Array.from({ length: 8 }, () => open({ blockBytes: small })))
      const exits = yield* Effect.forEach(
        stores,
        (store, writer) => Effect.exit(store.put(key, piecesOf(writer, writer + 300_000, 10_000))),
        { concurrency: "unbounded" }
      )
      const winner = exits.findIndex(Exit.isSuccess)
      assert.strictEqual(exits.filter(Exit.isSuccess).length, 1)
      for (const exit of exits) {
        if (Exit.isFailure(exit)) assert.include(inspect(exit.cause, { depth: 9 }), "BlobExists")
      }
      const bytes = yield* Stream.mkUint8Array(stores[0]!.get(key))
      assert.deepStrictEqual(bytes, patternBytes(winner, 300_000))
    }))

  it.effect("lets one of six processes stage at the same place, and any of them go on", () =>
    Effect.gen(function*() {
      const key = newKey()
      const stores = yield* Effect.all(Array.from({ length: 6 }, () => open({ blockBytes: small })))
      const exits = yield* Effect.forEach(
        stores,
        (store, writer) => Effect.exit(store.stage(key, 0, piecesOf(writer * 1_000_000, writer * 1_000_000 + 50_000))),
        { concurrency: "unbounded" }
      )
      assert.strictEqual(exits.filter(Exit.isSuccess).length, 1)
      const winner = exits.findIndex(Exit.isSuccess)
      const [first, second] = [stores[(winner + 1) % 6]!, stores[(winner + 2) % 6]!]
      assert.strictEqual(yield* first.staged(key), 50_000)
      const from = winner * 1_000_000
      assert.strictEqual(yield* first.stage(key, 50_000, piecesOf(from + 50_000, from + 200_000)), 200_000)
      const infos = yield* Effect.all([first.commit(key), second.commit(key)], { concurrency: "unbounded" })
      assert.deepStrictEqual(infos[0], infos[1])
      assert.deepStrictEqual(yield* Stream.mkUint8Array(second.get(key)), patternBytes(from, 200_000))
    }))

  it.effect("ends a writer in another process that was overtaken, and one whose document is gone", () =>
    Effect.gen(function*() {
      const key = newKey()
      const [slow, quick] = [yield* open(), yield* open()]
      const reached = yield* Deferred.make<void>()
      const go = yield* Deferred.make<void>()
      const stalling = Stream.concat(
        piecesOf(0, 4_000),
        Stream.fromEffect(
          Effect.as(Effect.andThen(Deferred.succeed(reached, undefined), Deferred.await(go)), new Uint8Array(1))
        )
      )
      const writer = yield* Effect.forkChild(Effect.flip(slow.stage(key, 0, stalling)))
      yield* Deferred.await(reached)
      assert.strictEqual(yield* quick.stage(key, 0, piecesOf(0, 9_000)), 9_000)
      yield* Deferred.succeed(go, undefined)
      assert.deepInclude(yield* Fiber.join(writer), { _tag: "StageOffsetMismatch", offset: 9_000 })
      assert.strictEqual(yield* quick.removePrefix(BlobKey.make(key.replace("/raw", ""))), 1)
      assert.deepInclude(yield* Effect.flip(slow.stage(key, 9_000, piecesOf(0, 1))), {
        _tag: "StageOffsetMismatch",
        offset: 0
      })
    }))

  it.effect(
    "fails a put in the middle of an outage in a way that can be tried again, and shows nothing of it",
    () =>
      Effect.gen(function*() {
        const azurite = yield* Azurite
        const store = yield* open({ blockBytes: small, attempts: 2 })
        const key = newKey()
        const stopping = piecesOf(0, 1_000_000).pipe(
          Stream.mapEffect((piece, at) => at === 8 ? Effect.as(azurite.stop, piece) : Effect.succeed(piece))
        )
        assert.deepInclude(yield* Effect.flip(store.put(key, stopping)), {
          _tag: "BlobStoreError",
          operation: "put",
          isRetryable: true
        })
        assert.deepInclude(yield* Effect.flip(store.size(key)), { _tag: "BlobStoreError", isRetryable: true })
        yield* azurite.start
        assert.deepStrictEqual(yield* store.size(key), Option.none())
        assert.deepStrictEqual(
          yield* Stream.runCollect(store.list(BlobKey.make("tenant/dataset"))).pipe(
            Effect.map((keys) => keys.filter((found) => found === key))
          ),
          []
        )
        assert.strictEqual((yield* store.put(key, piecesOf(0, 1_000_000))).sha256 as string, hashOfPattern(1_000_000))
      }),
    60_000
  )

  it.effect("keeps the offset of an upload over an outage in the middle", () =>
    Effect.gen(function*() {
      const azurite = yield* Azurite
      const store = yield* open({ blockBytes: small, attempts: 2 })
      const key = newKey()
      const size = 1_000_000
      const stopping = piecesOf(0, size, 30_000).pipe(
        Stream.mapEffect((piece, at) => at === 20 ? Effect.as(azurite.stop, piece) : Effect.succeed(piece))
      )
      assert.deepInclude(yield* Effect.flip(store.stage(key, 0, stopping)), {
        _tag: "BlobStoreError",
        operation: "stage",
        isRetryable: true
      })
      yield* azurite.start
      const safe = yield* store.staged(key)
      assert.isAbove(safe, 400_000)
      assert.strictEqual(safe % small, 0)
      // Short outages are waited for.
      const waiting = piecesOf(safe, size).pipe(
        Stream.mapEffect((piece, at) =>
          at === 1
            ? Effect.as(
              Effect.andThen(azurite.stop, Effect.forkChild(Effect.andThen(Effect.sleep(300), azurite.start))),
              piece
            )
            : Effect.succeed(piece)
        )
      )
      const patient = yield* open({ blockBytes: small, attempts: 6 })
      assert.strictEqual(yield* patient.stage(key, safe, waiting), size)
      assert.strictEqual((yield* store.commit(key)).sha256 as string, hashOfPattern(size))
    }), 60_000)

  it.effect("does nothing twice when an answer is lost", () =>
    Effect.gen(function*() {
      const { port } = yield* Azurite
      const proxy = yield* lossyProxyTo(port)
      const store = yield* openThrough(proxy, { blockBytes: small })
      let lost = 0
      /** Loses the answer of the first request of each kind that changes something. */
      const loseFirst = () => {
        const seen = new Set<string>()
        proxy.decide = ({ method, url }) => {
          const kind = `${method} ${new URL(url, "http://x").searchParams.get("comp") ?? ""}`
          if (method === "GET" || method === "HEAD" || seen.has(kind)) return "pass"
          seen.add(kind)
          lost++
          return "lose the answer"
        }
      }
      for (const size of [1_000, 300_000]) {
        const key = newKey()
        loseFirst()
        const info = yield* store.put(key, piecesOf(0, size))
        assert.strictEqual(info.sha256 as string, hashOfPattern(size))
        const resumed = newKey()
        loseFirst()
        assert.strictEqual(yield* store.stage(resumed, 0, piecesOf(0, size)), size)
        assert.deepStrictEqual(yield* store.commit(resumed), info)
        assert.deepStrictEqual(yield* Stream.mkUint8Array(store.get(resumed)), patternBytes(0, size))
        loseFirst()
        assert.strictEqual(yield* store.removePrefix(resumed), 1)
        assert.strictEqual(yield* store.removePrefix(resumed), 0)
      }
      assert.isAtLeast(lost, 12)
    }), 60_000)

  it.effect("sends again what was lost on the way, as often as it may and no more", () =>
    Effect.gen(function*() {
      const { port } = yield* Azurite
      const proxy = yield* lossyProxyTo(port)
      const store = yield* openThrough(proxy, { blockBytes: small, attempts: 3 })
      const key = newKey()
      yield* store.put(key, piecesOf(0, 200_000))
      let at = 0
      proxy.decide = () => ++at % 2 === 1 ? "lose the request" : "pass"
      assert.deepStrictEqual(yield* Stream.mkUint8Array(store.get(key)), patternBytes(0, 200_000))
      proxy.decide = () => "lose the request"
      const before = proxy.requests.length
      assert.deepInclude(yield* Effect.flip(store.size(key)), { _tag: "BlobStoreError", isRetryable: true })
      assert.strictEqual(proxy.requests.length - before, 3)
    }))

  it.effect("gives up a request that is never answered", () =>
    Effect.gen(function*() {
      const { port } = yield* Azurite
      const proxy = yield* lossyProxyTo(port)
      const store = yield* openThrough(proxy, { timeout: "300 millis", attempts: 2 })
      const key = newKey()
      proxy.decide = () => "never answer"
      for (const call of everyCall(store, key)) {
        const error = yield* Effect.flip(Effect.timeout(call, "5 seconds"))
        assert.instanceOf(error, BlobStoreError)
        assert.isTrue(error.isRetryable)
        assert.include(inspect(error), "ETIMEDOUT")
      }
    }), 60_000)

  it.effect("goes on after kill -9 of the process that wrote", () =>
    Effect.gen(function*() {
      const { connectionString } = yield* Azurite
      const size = 24_000_000
      const writer = fileURLToPath(new URL("../../../../../test/support/programs/blobWriter.ts", import.meta.url))
      const run = (key: string, how: "put" | "stage", killAt = Infinity) =>
        Effect.callback<string>((resume) => {
          const child = spawn(process.execPath, [writer, "azure", key, how, String(size)], {
            env: { AZURE_STORAGE_CONNECTION_STRING: Redacted.value(connectionString) },
            stdio: ["ignore", "pipe", "inherit"]
          })
          let last = ""
          createInterface({ input: child.stdout }).on("line", (line) => {
            last = line
            if (Number(line) >= killAt) child.kill("SIGKILL")
          })
          child.on("close", () => resume(Effect.succeed(last)))
          return Effect.sync(() => child.kill("SIGKILL"))
        })
      const store = yield* open({ container: "writer" })
      const key = newKey()
      yield* run(key, "stage", 15_000_000)
      const safe = yield* store.staged(key)
      assert.isAbove(safe, 8_000_000)
      assert.strictEqual(yield* run(key, "stage"), "done")
      assert.strictEqual((yield* store.commit(key)).sha256 as string, hashOfPattern(size))

      const torn = newKey()
      yield* run(torn, "put", 15_000_000)
      assert.deepStrictEqual(yield* store.size(torn), Option.none())
      assert.deepStrictEqual(yield* namesBelow(torn, "writer"), [torn])
      assert.strictEqual(yield* store.removePrefix(torn), 0)
    }), 120_000)

  it.effect(
    "removes thousands in pages, with what was never finished, and nothing beside them",
    () =>
      Effect.gen(function*() {
        const store = yield* open({ pageSize: 100, blockBytes: small })
        const at = BlobKey.make("many/dataset")
        const below = (name: string) => BlobKey.make(`${at}/${name}`)
        const put = (key: BlobKey) => store.put(key, Stream.make(new Uint8Array(1)))
        yield* Effect.forEach(Array.from({ length: 600 }, (_, i) => below(`d${i % 7}/e${i}`)), put, { concurrency: 16 })
        yield* store.stage(below("made/raw"), 0, piecesOf(0, 10))
        const failing = Stream.concat(piecesOf(0, 300_000), Stream.fail("the source broke" as const))
        assert.strictEqual(yield* Effect.flip(store.put(below("torn/raw"), failing)), "the source broke")
        const beside = [BlobKey.make("many/dataset2/raw"), BlobKey.make("many/data")]
        yield* Effect.forEach(beside, put)
        assert.strictEqual((yield* Stream.runCollect(store.list(at))).length, 600)
        assert.strictEqual((yield* namesBelow("many/dataset/")).length, 602)
        assert.strictEqual(yield* store.removePrefix(at), 602)
        assert.strictEqual(yield* store.removePrefix(at), 0)
        assert.deepStrictEqual(yield* namesBelow("many/"), ["many/data", "many/dataset2/raw"])
      }),
    120_000
  )

  it.effect("cannot be led out of its container by a forged key", () =>
    Effect.gen(function*() {
      const store = yield* open()
      for (const climbing of ["../x", "a/../../x", "/a", "a//b", "a/b~stage", "", "A", "a?b", "a%2e"]) {
        const forged = climbing as BlobKey
        for (const call of everyCall(store, forged)) {
          assert.deepInclude(yield* Effect.flip(call), { _tag: "BlobStoreError", isRetryable: false }, climbing)
        }
      }
    }))
})
