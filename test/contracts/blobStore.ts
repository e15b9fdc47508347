import {
  BlobKey,
  type BlobNotFound,
  BlobStore,
  type BlobStoreError,
  documentPrefix,
  elementsKey,
  rawKey
} from "@sheaf/adapters/blobs/BlobStore"
import { DatasetId, DocumentId, TenantId } from "@sheaf/domain/ids"
import { assert, it } from "@effect/vitest"
import { Deferred, Effect, Exit, Fiber, Layer, Option, Schema, Stream } from "effect"
import { createHash, randomUUID } from "node:crypto"
import { readFile } from "node:fs/promises"
import v8 from "node:v8"
import { runInNewContext } from "node:vm"
import { patternBytes, patternPieces } from "../support/pattern.ts"

const newOwner = () => ({
  tenantId: TenantId.make(randomUUID()),
  datasetId: DatasetId.make(randomUUID()),
  documentId: DocumentId.make(randomUUID())
})

const sha256 = (bytes: Uint8Array) => createHash("sha256").update(bytes).digest("hex")
const bytesOf = (text: string) => new TextEncoder().encode(text)
const streamOf = (...pieces: ReadonlyArray<Uint8Array>) => Stream.fromIterable(pieces).pipe(Stream.rechunk(1))

v8.setFlagsFromString("--expose-gc")
const collectGarbage: () => void = runInNewContext("gc")

/** Bytes that somebody still holds. */
const liveBytes = () => {
  collectGarbage()
  const { arrayBuffers, heapUsed } = process.memoryUsage()
  return arrayBuffers + heapUsed
}

const read = (key: BlobKey, range?: { readonly start: number; readonly end?: number }) =>
  Effect.flatMap(BlobStore, (store) => Stream.mkUint8Array(store.get(key, range)))

/** What every BlobStore promises. `layer` must reach the same blobs each time it is built. */
export const suite = <E>(name: string, layer: Layer.Layer<BlobStore, E>) =>
  it.layer(layer)(name, (it) => {
    /** The store as a process that starts now finds it. */
    const restarted = Effect.provide(Layer.fresh(layer))

    it.effect("gives back what was put, whole and in ranges", () =>
      Effect.gen(function*() {
        const store = yield* BlobStore
        const key = rawKey(newOwner())
        const bytes = patternBytes(0, 300_001)
        const info = yield* store.put(key, Stream.fromIterable(patternPieces(0, bytes.length, 7_000)))
        assert.deepStrictEqual(info, { size: bytes.length, sha256: sha256(bytes) as typeof info.sha256 })
        assert.deepStrictEqual(yield* store.size(key), Option.some(bytes.length))
        assert.deepStrictEqual(yield* read(key), bytes)
        const path = yield* store.localFile(key)
        assert.deepStrictEqual(new Uint8Array(yield* Effect.promise(() => readFile(path))), bytes)
      }))

    const big = 300_000
    const bigKey = rawKey(newOwner())
    it.effect.prop("cuts any range as a slice would", {
      range: Schema.Struct({
        start: Schema.Int.check(Schema.isBetween({ minimum: 0, maximum: big + 9 })),
        end: Schema.optionalKey(Schema.Int.check(Schema.isBetween({ minimum: 0, maximum: big + 9 })))
      })
    }, ({ range }) =>
      Effect.gen(function*() {
        const store = yield* BlobStore
        const bytes = patternBytes(0, big)
        if (Option.isNone(yield* store.size(bigKey))) yield* store.put(bigKey, streamOf(bytes))
        assert.deepStrictEqual(yield* read(bigKey, range), bytes.slice(range.start, range.end))
      }), { arbitrary: { runs: 30 } })

    it.effect("keeps an empty blob", () =>
      Effect.gen(function*() {
        const store = yield* BlobStore
        const key = rawKey(newOwner())
        yield* store.put(key, Stream.empty)
        assert.deepStrictEqual(yield* store.size(key), Option.some(0))
        assert.strictEqual((yield* read(key)).length, 0)
      }))

    it.effect("says that a blob is absent", () =>
      Effect.gen(function*() {
        const store = yield* BlobStore
        const key = rawKey(newOwner())
        assert.strictEqual((yield* Effect.flip(read(key)))._tag, "BlobNotFound")
        assert.strictEqual((yield* Effect.flip(Effect.scoped(store.localFile(key))))._tag, "BlobNotFound")
        assert.strictEqual((yield* Effect.flip(store.commit(key)))._tag, "BlobNotFound")
        assert.deepStrictEqual(yield* store.size(key), Option.none())
        assert.strictEqual(yield* store.staged(key), 0)
        assert.strictEqual(yield* store.removePrefix(key), 0)
      }))

    it.effect("never overwrites: of ten racing writers one wins, with all of its bytes", () =>
      Effect.gen(function*() {
        const store = yield* BlobStore
        const key = rawKey(newOwner())
        const exits = yield* Effect.forEach(
          Array.from({ length: 10 }, (_, i) => bytesOf(`writer ${i} `.repeat(500))),
          (bytes) => Effect.exit(store.put(key, streamOf(bytes.slice(0, 1_000), bytes.slice(1_000)))),
          { concurrency: "unbounded" }
        )
        const won = exits.filter(Exit.isSuccess)
        assert.strictEqual(won.length, 1)
        assert.strictEqual(sha256(yield* read(key)), won[0]?.value.sha256)
        const late = yield* Effect.flip(store.put(key, streamOf(bytesOf("late"))))
        assert.strictEqual(late._tag, "BlobExists")
        assert.strictEqual(sha256(yield* read(key)), won[0]?.value.sha256)
      }))

    it.effect("leaves nothing of a put that fails or is interrupted", () =>
      Effect.gen(function*() {
        const store = yield* BlobStore
        const owner = newOwner()
        const key = rawKey(owner)
        const failing = Stream.concat(streamOf(patternBytes(0, 100_000)), Stream.fail("source broke" as const))
        assert.strictEqual(yield* Effect.flip(store.put(key, failing)), "source broke")

        const reached = yield* Deferred.make<void>()
        const stalling = Stream.concat(
          streamOf(patternBytes(0, 100_000)),
          Stream.fromEffect(Effect.andThen(Deferred.succeed(reached, undefined), Effect.never))
        )
        const fiber = yield* Effect.forkChild(store.put(key, stalling))
        yield* Deferred.await(reached)
        assert.deepStrictEqual(yield* store.size(key), Option.none())
        yield* Fiber.interrupt(fiber)

        assert.deepStrictEqual(yield* Stream.runCollect(store.list(documentPrefix(owner))), [])
        assert.strictEqual(yield* store.removePrefix(documentPrefix(owner)), 0)
        yield* store.put(key, streamOf(bytesOf("second try")))
      }))

    it.effect("streams: 64 MB pass through in a few megabytes of memory", () =>
      Effect.gen(function*() {
        const store = yield* BlobStore
        const key = rawKey(newOwner())
        const pieces = 1_024
        const piece = patternBytes(0, 64 * 1024)
        const before = liveBytes()
        let seen = 0
        let peak = 0
        const watched = (bytes: Stream.Stream<Uint8Array, BlobNotFound | BlobStoreError>) =>
          Stream.tap(bytes, () =>
            Effect.sync(() => {
              if (seen++ % 64 === 0) peak = Math.max(peak, liveBytes() - before)
            }))
        yield* store.put(key, watched(Stream.map(Stream.range(1, pieces), () => piece).pipe(Stream.rechunk(1))))
        const size = yield* Stream.runFold(watched(store.get(key)), () => 0, (sum, read) => sum + read.length)
        assert.strictEqual(size, pieces * piece.length)
        assert.isBelow(peak, 20 * 1024 * 1024)
      }), 60_000)

    it.effect("stages in parts, over restarts, and commits once", () =>
      Effect.gen(function*() {
        const store = yield* BlobStore
        const key = rawKey(newOwner())
        assert.strictEqual(yield* store.stage(key, 0, Stream.fromIterable(patternPieces(0, 10_000, 999))), 10_000)
        assert.strictEqual(yield* store.staged(key), 10_000)
        assert.deepStrictEqual(yield* store.size(key), Option.none())
        assert.strictEqual((yield* Effect.flip(read(key)))._tag, "BlobNotFound")
        for (const offset of [0, 9_999, 10_001]) {
          const error = yield* Effect.flip(store.stage(key, offset, streamOf(bytesOf("x"))))
          assert.deepInclude(error, { _tag: "StageOffsetMismatch", offset: 10_000 })
        }
        yield* restarted(Effect.gen(function*() {
          const again = yield* BlobStore
          assert.strictEqual(yield* again.staged(key), 10_000)
          assert.strictEqual(yield* again.stage(key, 10_000, streamOf(patternBytes(10_000, 7))), 10_007)
        }))
        const info = yield* store.commit(key)
        assert.deepStrictEqual(info, {
          size: 10_007,
          sha256: sha256(patternBytes(0, 10_007)) as typeof info.sha256
        })
        assert.deepStrictEqual(yield* store.commit(key), info)
        assert.deepStrictEqual(yield* restarted(Effect.flatMap(BlobStore, (again) => again.commit(key))), info)
        assert.deepStrictEqual(yield* read(key), patternBytes(0, 10_007))
        assert.strictEqual(yield* store.staged(key), 10_007)
        const late = yield* Effect.flip(store.stage(key, 0, streamOf(bytesOf("x"))))
        assert.deepInclude(late, { _tag: "StageOffsetMismatch", offset: 10_007 })
      }))

    it.effect("commits a blob staged without a byte", () =>
      Effect.gen(function*() {
        const store = yield* BlobStore
        const key = rawKey(newOwner())
        assert.strictEqual(yield* store.stage(key, 0, Stream.empty), 0)
        assert.strictEqual((yield* store.commit(key)).size, 0)
      }))

    it.effect.prop("however parts are cut, and whenever it restarts, the bytes and their hash are the same", {
      parts: Schema.Array(Schema.Struct({
        length: Schema.Int.check(Schema.isBetween({ minimum: 0, maximum: 5_000 })),
        restart: Schema.Boolean
      })).check(Schema.isMaxLength(8))
    }, ({ parts }) =>
      Effect.gen(function*() {
        const store = yield* BlobStore
        const key = rawKey(newOwner())
        let end = yield* store.stage(key, 0, Stream.empty)
        for (const { length, restart } of parts) {
          const part = Effect.flatMap(BlobStore, (it) => it.stage(key, end, streamOf(patternBytes(end, length))))
          end = yield* restart ? restarted(part) : part
        }
        const info = yield* store.commit(key)
        assert.strictEqual(info.size, end)
        assert.strictEqual(info.sha256 as string, sha256(patternBytes(0, end)))
      }), { arbitrary: { runs: 25 } })

    it.effect("keeps what arrived before an upload broke off", () =>
      Effect.gen(function*() {
        const store = yield* BlobStore
        const key = rawKey(newOwner())
        const failing = Stream.concat(streamOf(patternBytes(0, 5_000)), Stream.fail("connection lost" as const))
        assert.strictEqual(yield* Effect.flip(store.stage(key, 0, failing)), "connection lost")
        assert.strictEqual(yield* store.staged(key), 5_000)

        const reached = yield* Deferred.make<void>()
        const stalling = Stream.concat(
          streamOf(patternBytes(5_000, 2_000)),
          Stream.fromEffect(Effect.andThen(Deferred.succeed(reached, undefined), Effect.never))
        )
        const fiber = yield* Effect.forkChild(store.stage(key, 5_000, stalling))
        yield* Deferred.await(reached)
        assert.strictEqual((yield* Effect.flip(store.commit(key)))._tag, "BlobStoreError")
        yield* Fiber.interrupt(fiber)
        assert.strictEqual(yield* store.staged(key), 7_000)
        assert.strictEqual((yield* store.commit(key)).sha256 as string, sha256(patternBytes(0, 7_000)))
      }))

    it.effect("never mixes the bytes of writers that come at once", () =>
      Effect.gen(function*() {
        const store = yield* BlobStore
        const key = rawKey(newOwner())
        const exits = yield* Effect.forEach(
          Array.from({ length: 6 }, (_, i) => bytesOf(`${i}`.repeat(3_000))),
          (bytes) => Effect.exit(store.stage(key, 0, streamOf(bytes.slice(0, 1_500), bytes.slice(1_500)))),
          { concurrency: "unbounded" }
        )
        assert.strictEqual(exits.filter(Exit.isSuccess).length, 1)
        yield* store.commit(key)
        assert.match(new TextDecoder().decode(yield* read(key)), /^(\d)\1{2999}$/)
      }))

    it.effect("lets a client that comes back take over from its own stalled connection", () =>
      Effect.gen(function*() {
        const store = yield* BlobStore
        const key = rawKey(newOwner())
        const reached = yield* Deferred.make<void>()
        const stalling = Stream.concat(
          streamOf(patternBytes(0, 4_000)),
          Stream.fromEffect(Effect.andThen(Deferred.succeed(reached, undefined), Effect.never))
        )
        const stalled = yield* Effect.forkChild(Effect.flip(store.stage(key, 0, stalling)))
        yield* Deferred.await(reached)
        const refused = yield* Effect.flip(store.stage(key, 0, streamOf(patternBytes(0, 9_000))))
        assert.deepInclude(refused, { _tag: "StageOffsetMismatch", offset: 4_000 })
        assert.strictEqual(yield* store.stage(key, 4_000, streamOf(patternBytes(4_000, 5_000))), 9_000)
        assert.deepInclude(yield* Fiber.join(stalled), { _tag: "StageOffsetMismatch", offset: 4_000 })
        assert.strictEqual((yield* store.commit(key)).sha256 as string, sha256(patternBytes(0, 9_000)))
      }))

    it.effect("lists whole blobs, and removes everything of a document and nothing else", () =>
      Effect.gen(function*() {
        const store = yield* BlobStore
        const owner = newOwner()
        const sibling = { ...owner, documentId: DocumentId.make(randomUUID()) }
        const keys = [elementsKey(owner, "a1"), elementsKey(owner, "b2"), rawKey(owner)]
        yield* Effect.forEach([...keys, rawKey(sibling)], (key) => store.put(key, streamOf(bytesOf(key))))
        const making = BlobKey.make(`${documentPrefix(owner)}/copy`)
        yield* store.stage(making, 0, streamOf(bytesOf("half")))
        assert.sameMembers(yield* Stream.runCollect(store.list(documentPrefix(owner))), keys)

        assert.strictEqual(yield* store.removePrefix(rawKey(owner)), 1)
        assert.deepStrictEqual(yield* store.size(rawKey(owner)), Option.none())
        assert.strictEqual(yield* store.removePrefix(documentPrefix(owner)), 3)
        assert.strictEqual(yield* store.removePrefix(documentPrefix(owner)), 0)
        assert.strictEqual(yield* store.staged(making), 0)
        assert.deepStrictEqual(yield* Stream.runCollect(store.list(documentPrefix(owner))), [])
        assert.deepStrictEqual(yield* Stream.runCollect(store.list(documentPrefix(sibling))), [rawKey(sibling)])
      }))

    it.effect("gives everything of a tenant in pages, whole or in the making, documents in their order", () =>
      Effect.gen(function*() {
        const store = yield* BlobStore
        const owner = newOwner()
        const documents = Array.from({ length: 5 }, () => ({ ...owner, documentId: DocumentId.make(randomUUID()) }))
        const keys = documents.flatMap((document) => [elementsKey(document, "a1"), rawKey(document)])
        yield* Effect.forEach(keys, (key) => store.put(key, streamOf(bytesOf(key))))
        const making = BlobKey.make(`${documentPrefix(documents[0]!)}/copy`)
        yield* store.stage(making, 0, streamOf(bytesOf("half")))
        yield* store.put(rawKey(newOwner()), streamOf(bytesOf("another tenant's")))
        const seen: Array<{ readonly key: BlobKey; readonly isWhole: boolean; readonly modifiedAt: Date }> = []
        let after: string | undefined
        do {
          const { blobs, next } = yield* store.page(BlobKey.make(owner.tenantId), { limit: 3, after })
          assert.isAtMost(blobs.length, 3)
          seen.push(...blobs)
          after = next
        } while (after !== undefined)
        const whole = seen.filter(({ isWhole }) => isWhole).map(({ key }) => key)
        assert.sameMembers([...new Set(whole)], keys)
        assert.isTrue(seen.some(({ isWhole, key }) => key === making && !isWhole))
        const order = seen.map(({ key }) => key.split("/")[2]!)
        assert.deepStrictEqual(order, [...order].sort())
        for (const { modifiedAt } of seen) assert.isAbove(modifiedAt.getTime(), 0)
        assert.deepStrictEqual(yield* store.page(BlobKey.make(newOwner().tenantId), { limit: 3 }), {
          blobs: [],
          next: undefined
        })
      }))

    it.effect("ends an upload whose document is removed", () =>
      Effect.gen(function*() {
        const store = yield* BlobStore
        const owner = newOwner()
        const reached = yield* Deferred.make<void>()
        const stalling = Stream.concat(
          streamOf(patternBytes(0, 4_000)),
          Stream.fromEffect(Effect.andThen(Deferred.succeed(reached, undefined), Effect.never))
        )
        const upload = yield* Effect.forkChild(Effect.flip(store.stage(rawKey(owner), 0, stalling)))
        yield* Deferred.await(reached)
        assert.strictEqual(yield* store.removePrefix(documentPrefix(owner)), 1)
        assert.strictEqual((yield* Fiber.join(upload))._tag, "StageOffsetMismatch")
        assert.strictEqual(yield* store.staged(rawKey(owner)), 0)
      }))
  })
