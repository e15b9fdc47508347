import { AccountSASPermissions } from "@azure/storage-blob"
import { assert, it } from "@effect/vitest"
import { Clock, DateTime, Effect, Option, Redacted, Schedule, Stream } from "effect"
import { spawnSync } from "node:child_process"
import { randomUUID } from "node:crypto"
import { existsSync, rmSync, statSync, utimesSync, writeFileSync } from "node:fs"
import * as Net from "node:net"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { inspect } from "node:util"
import {
  hashOfPattern,
  namesBelow,
  newKey,
  open,
  piecesOf,
  service
} from "../../../../../test/support/backends/azureStores.ts"
import { Azurite } from "../../../../../test/support/backends/AzuriteServer.ts"
import type { AzureOptions } from "../azure.ts"

it.layer(Azurite.layer, { timeout: "1 minute", excludeTestServices: true })("BlobStore on Azure", (it) => {
  it.effect("waits for a container that is deleted behind its back, and says so without secrets", () =>
    Effect.gen(function*() {
      const { key } = yield* Azurite
      const store = yield* open({ container: "vanishing", attempts: 1 })
      const client = (yield* service).getContainerClient("vanishing")
      yield* Effect.promise(() => client.delete())
      for (
        const call of [
          Effect.asVoid(store.put(newKey(), piecesOf(0, 10))),
          Stream.runDrain(store.list(newKey())),
          Effect.asVoid(store.removePrefix(newKey()))
        ]
      ) {
        const error = yield* Effect.flip(call)
        assert.isTrue(error._tag === "BlobStoreError" && error.isRetryable, inspect(error))
        const said = inspect(error, { depth: 20, showHidden: true })
        assert.notInclude(said, Redacted.value(key))
        assert.notInclude(said, "SharedKey")
      }
    }))

  it.effect("says at start what is wrong, and what to do, but no secret", () =>
    Effect.gen(function*() {
      const { account, connectionString, endpoint, key, port } = yield* Azurite
      const secret = Redacted.value(key)
      const wrong = Buffer.alloc(64, 7).toString("base64")
      const text = (value: string) => ({ connectionString: Redacted.make(value) })
      const nobody = `http://127.0.0.1:${port}/nobody`
      const closed = yield* Effect.acquireUseRelease(
        Effect.callback<Net.Server>((resume) => {
          const server = Net.createServer().listen(0, "127.0.0.1", () => resume(Effect.succeed(server)))
        }),
        (server) => Effect.succeed((server.address() as Net.AddressInfo).port),
        (server) => Effect.callback<void>((resume) => void server.close(() => resume(Effect.void)))
      )
      const cases: ReadonlyArray<readonly [AzureOptions["credentials"], string, string]> = [
        [{ account, key: Redacted.make(wrong), endpoint }, "start", "403"],
        [{ account: "nobody", key, endpoint: nobody }, "start", "no such account"],
        [{ account, key, endpoint: `http://127.0.0.1:${closed}/${account}` }, "start", "ECONNREFUSED"],
        [{ account, key: Redacted.make("not base64!"), endpoint }, "start", "not base64"],
        [{ account, key, endpoint: "somewhere" }, "start", "not an http or https URL"],
        [{ account: "No_Such", key }, "start", "3 to 24"],
        [{ account, sas: Redacted.make("sv=1&sp=r"), endpoint }, "start", "no `sig`"],
        [text(`hunter2;AccountName=${account}`), "start", "neither AccountKey"],
        [text(`AccountKey=${secret}`), "start", "neither AccountName"],
        [text(`BlobEndpoint=${endpoint};AccountKey=${secret}`), "start", "no AccountName"],
        [text(`BlobEndpoint=ftp://${secret};AccountName=a;AccountKey=${secret}`), "start", "not an http"],
        [{ connectionString }, "No", "3 to 63"],
        [{ connectionString }, "two--dashes", "3 to 63"]
      ]
      for (const [credentials, container, reason] of cases) {
        const error = yield* Effect.flip(
          open({ credentials, container, attempts: 2 })
        )
        assert.strictEqual(error._tag, "AzureBlobUnusable")
        assert.include(error.message, reason)
        assert.include(error.message, `"${container}"`)
        const said = inspect(error, { depth: 20, showHidden: true }) + JSON.stringify(error)
        for (const hidden of [secret, wrong, "hunter2", "not base64!"]) {
          if (hidden !== "not base64!" || reason !== "not base64") assert.notInclude(said, hidden)
        }
      }
    }))

  it.effect("lives on a signature that allows enough, without links for clients, and refuses one that does not", () =>
    Effect.gen(function*() {
      const { account, endpoint } = yield* Azurite
      const client = yield* service
      const now = yield* DateTime.now
      const credentials = (permissions: string) => ({
        account,
        endpoint,
        sas: Redacted.make(
          client.generateAccountSasUrl(
            DateTime.toDateUtc(DateTime.addDuration(now, "10 minutes")),
            AccountSASPermissions.parse(permissions),
            "sco"
          ).split("?")[1]!
        )
      })
      const store = yield* open({ credentials: credentials("rwdlac"), container: "signed" })
      assert.isTrue(Option.isNone(store.direct))
      const key = newKey()
      yield* store.stage(key, 0, piecesOf(0, 100_000))
      assert.strictEqual((yield* store.commit(key)).sha256 as string, hashOfPattern(100_000))
      assert.strictEqual(yield* store.removePrefix(key), 1)
      const readOnly = credentials("rl")
      const refused = yield* Effect.flip(open({ credentials: readOnly, container: "signed" }))
      assert.strictEqual(refused._tag, "AzureBlobUnusable")
      assert.include(refused.message, "does not allow this")
      assert.notInclude(inspect(refused), "sig=")
      assert.notInclude(inspect(refused), Redacted.value(readOnly.sas).split("sig=")[1]!)
    }))

  it.effect("starts while others start, on a container that nobody has made yet", () =>
    Effect.gen(function*() {
      const stores = yield* Effect.all(Array.from({ length: 6 }, () => open({ container: "fresh" })), {
        concurrency: "unbounded"
      })
      assert.lengthOf(stores, 6)
      assert.deepStrictEqual(yield* namesBelow("", "fresh"), [])
    }))

  it.effect("removes the local files that a killed process has left, and no others", () =>
    Effect.gen(function*() {
      const gone = spawnSync("true").pid
      const nameFor = (pid: number) => join(tmpdir(), `sheaf-blob-${pid}-${randomUUID()}`)
      const [left, own, ofLastStart] = [nameFor(gone), nameFor(process.pid), nameFor(process.pid)]
      for (const path of [left, own, ofLastStart]) writeFileSync(path, "x")
      // In a container every start has the same id.
      const now = yield* Clock.currentTimeMillis
      const before = now / 1_000 - process.uptime() - 60
      utimesSync(ofLastStart, before, before)
      yield* Effect.addFinalizer(() => Effect.sync(() => rmSync(own)))
      const store = yield* open()
      yield* Effect.repeat(Effect.sync(() => existsSync(left) || existsSync(ofLastStart)), {
        until: (isThere) => !isThere,
        schedule: Schedule.spaced("20 millis")
      })
      assert.isTrue(existsSync(own))
      const key = newKey()
      yield* store.put(key, piecesOf(0, 10))
      const path = yield* Effect.scoped(Effect.tap(store.localFile(key), (path) =>
        Effect.sync(() =>
          assert.strictEqual(statSync(path).mode & 0o777, 0o600)
        )))
      assert.isFalse(existsSync(path))
    }))

  it.effect("ends links by itself", () =>
    Effect.gen(function*() {
      const store = yield* open({ uploadFor: "1 second", downloadFor: "1 second" })
      const direct = yield* Effect.fromOption(store.direct)
      const key = newKey()
      const up = yield* direct.upload(key)
      const status = (url: string, init?: RequestInit) => Effect.promise(async () => (await fetch(url, init)).status)
      const append = { method: "PUT", body: "x" }
      yield* Effect.repeat(status(up.url, append), {
        until: (answer) => answer === 403,
        schedule: Schedule.spaced("200 millis")
      })
      const staged = yield* store.staged(key)
      assert.strictEqual((yield* direct.upload(key)).offset, staged)
      yield* store.commit(key)
      assert.deepInclude(yield* Effect.flip(direct.upload(key)), { _tag: "StageOffsetMismatch", offset: staged })
      const down = yield* direct.download(key, { contentType: "text/plain", contentDisposition: "attachment" })
      yield* Effect.repeat(status(down.url), {
        until: (answer) => answer === 403,
        schedule: Schedule.spaced("200 millis")
      })
    }))
})
