import { assert, describe, it } from "@effect/vitest"
import { Deferred, Effect, Exit, Fiber, Redacted, type Scope, Stream } from "effect"
import { readdirSync, readFileSync } from "node:fs"
import { writeFile } from "node:fs/promises"
import { type AddressInfo, createServer } from "node:net"
import { getPriority } from "node:os"
import { join } from "node:path"
import { drawPdf } from "../pdf/testPdf.ts"
import { temporaryFolder } from "../testFile.ts"
import { hashOf } from "./assets.ts"
import { type JailOptions, layer } from "./layer.ts"
import { type JailInput, ParserJail } from "./ParserJail.ts"

const options: JailOptions = {
  processes: 1,
  wallTimeMs: 20_000,
  maxMemoryBytes: 512 * 1_024 * 1_024,
  maxOutputBytes: 4_000_000,
  inputFolders: []
}

/** A program in place of the host, for what no parser should ever do. `PATH` is the request's path: its last part says what to do. */
const misbehaving = `
import { createInterface } from "node:readline"
import { writeSync, readFileSync } from "node:fs"
import { Socket } from "node:net"
import { getPriority } from "node:os"
import { basename } from "node:path"
const out = new Socket({ fd: 3, readable: false, writable: true })
out.on("error", () => process.exit(0))
const say = (reply) => new Promise((resolve) => out.write(JSON.stringify(reply) + "\\n", resolve))
const element = (text) => ({ _tag: "Elements", elements: [{ kind: "paragraph", text, boxes: [] }] })
let served = 0
for await (const line of createInterface({ input: process.stdin })) {
  const { path, name: port } = JSON.parse(line)
  served++
  switch (basename(path)) {
    case "who": await say(element(JSON.stringify({ pid: process.pid, served, nice: getPriority(), env: Object.keys(process.env) }))); break
    case "exit": await say(element("first")); process.exit(7)
    case "spin": await say(element("first")); for (;;);
    case "hang": await say(element(String(process.pid))); await new Promise((resolve) => setTimeout(resolve, 1e9)); break
    case "heap": { const kept = []; for (;;) kept.push(new Array(1e5).fill(Math.random())) }
    case "memory": { const kept = []; for (;;) { kept.push(Buffer.alloc(2e7, 1)); await new Promise((resolve) => setTimeout(resolve, 20)) } }
    case "talk": for (let at = 0;; at++) await say(element(at + "x".repeat(10_000)))
    case "nonsense": out.write("{]\\n"); await new Promise((resolve) => setTimeout(resolve, 1e9)); break
    case "endless": for (;;) await new Promise((resolve) => out.write("x".repeat(100_000), resolve))
    case "lazy": for (const end = Date.now() + 1e6; Date.now() < end;) { await say(element("tick")); for (const at = Date.now(); Date.now() < at + 50;); }
    case "assets": {
      const { hashOf, assetsTo } = await import(ASSETS)
      await assetsTo(say)({ bytes: new Uint8Array(300_000).fill(7), mediaType: "image/png" })
      await say({ _tag: "Elements", elements: [{ kind: "image", text: "seen", boxes: [], assets: [{ hash: hashOf(new Uint8Array(300_000).fill(7)), role: "image" }] }] })
      break
    }
    case "forgery": {
      await say({ _tag: "Asset", hash: "0".repeat(64), mediaType: "image/png", size: 3 })
      await say({ _tag: "AssetPart", base64: "AQID" }); await new Promise((resolve) => setTimeout(resolve, 1e9)); break
    }
    case "call": {
      const net = await import("node:net"), http = await import("node:http"), dns = await import("node:dns")
      const ways = {
        connect: () => net.connect(port, "127.0.0.1"),
        socket: () => new net.Socket().connect(port, "127.0.0.1"),
        listen: () => http.createServer().listen(0),
        lookup: () => dns.lookup("localhost", () => {}),
        resolve: async () => (await import("node:dns/promises")).resolve4("localhost"),
        resolver: () => new dns.Resolver().resolve4("localhost", () => {}),
        http: () => http.get("http://127.0.0.1:" + port),
        https: async () => (await import("node:https")).request("https://127.0.0.1:" + port),
        http2: async () => (await import("node:http2")).connect("http://127.0.0.1:" + port),
        tls: async () => (await import("node:tls")).connect(port, "127.0.0.1"),
        dgram: async () => (await import("node:dgram")).createSocket("udp4"),
        fetch: () => fetch("http://127.0.0.1:" + port),
        binding: () => process.binding("tcp_wrap"),
        builtin: () => process.getBuiltinModule("net").createConnection(port)
      }
      const open = []
      for (const [name, way] of Object.entries(ways)) {
        try { await way(); open.push(name) } catch (error) { if (error.code !== "ERR_ACCESS_DENIED") open.push(name + " " + error) }
      }
      for (const way of [() => new WebSocket("ws://127.0.0.1:" + port), () => new EventSource("http://127.0.0.1:" + port)])
        try { way(); open.push("web") } catch {}
      await say(element("open: " + open.join(", ")))
      break
    }
    case "snoop": {
      const denied = []
      for (const act of [
        () => readFileSync("/etc/passwd"),
        () => writeSync(1, ""),
        () => process.getBuiltinModule("node:fs").writeFileSync(path + ".out", ""),
        () => process.getBuiltinModule("node:child_process").spawnSync("true"),
        () => new (process.getBuiltinModule("node:worker_threads").Worker)("1", { eval: true })
      ]) try { act() } catch (error) { denied.push(error.code) }
      await say(element(denied.join(" ")))
    }
  }
  await say({ _tag: "Done" })
}
`

const inFolder = <A, E>(
  use: (folder: string) => Effect.Effect<A, E, ParserJail>,
  changes: Partial<JailOptions> = {}
) =>
  Effect.flatMap(
    temporaryFolder,
    (folder) => use(folder).pipe(Effect.provide(layer({ ...options, inputFolders: [folder], ...changes })))
  ).pipe(Effect.scoped)

const withHost = <A, E>(
  use: (input: (what: string) => JailInput) => Effect.Effect<A, E, ParserJail | Scope.Scope>,
  changes: Partial<JailOptions> = {}
) =>
  Effect.flatMap(temporaryFolder, (folder) =>
    Effect.gen(function*() {
      const entry = join(folder, "host.mjs")
      const program = misbehaving.replace("ASSETS", JSON.stringify(new URL("./assets.ts", import.meta.url).href))
      yield* Effect.promise(() => writeFile(entry, program))
      const jail = layer({ ...options, inputFolders: [folder], entry, ...changes })
      return yield* use((what) => ({ path: join(folder, what), name: what })).pipe(Effect.provide(jail))
    })).pipe(Effect.scoped)

const texts = (input: JailInput) =>
  Effect.flatMap(ParserJail, (jail) => jail.parse(input, null).pipe(Stream.map(({ text }) => text), Stream.runCollect))

const causeOf = (input: JailInput) => Effect.map(Effect.flip(texts(input)), ({ cause }) => cause)

const who = (input: JailInput) =>
  Effect.map(
    texts(input),
    ([text]) => JSON.parse(text!) as { pid: number; served: number; nice: number; env: Array<string> }
  )

/** A port that somebody listens on: that nobody does is no reason. */
const listening = Effect.acquireRelease(
  Effect.callback<ReturnType<typeof createServer>>((resume) => {
    const server = createServer().listen(0, "127.0.0.1", () => resume(Effect.succeed(server)))
  }),
  (server) => Effect.sync(() => server.close())
).pipe(Effect.map((server) => (server.address() as AddressInfo).port))

const isAlive = (pid: number): boolean => {
  try {
    process.kill(pid, 0)
    // A killed process that nobody has waited for yet is a zombie.
    return !/^State:\s+Z/m.test(readFileSync(`/proc/${pid}/status`, "utf8"))
  } catch {
    return false
  }
}

describe("ParserJail", () => {
  it.live("inspects and parses a document by ranges, in one process", () =>
    inFolder((folder) =>
      Effect.gen(function*() {
        const jail = yield* ParserJail
        const path = join(folder, "a.pdf")
        const bytes = yield* Effect.promise(() =>
          drawPdf(Array.from({ length: 3 }, () => (pen, number) => pen.lines([`Words on page ${number}.`], 100)))
        )
        yield* Effect.promise(() => writeFile(path, bytes))
        const input = { path, name: "a.pdf" }
        assert.deepStrictEqual(yield* jail.inspect(input), { mediaType: "application/pdf", pages: 3 })
        const elements = yield* Stream.runCollect(jail.parse(input, { first: 2, last: 3 }))
        assert.deepStrictEqual(elements.map(({ text }) => text), ["Words on page 2.", "Words on page 3."])
      })
    ))

  it.live("hands on what the content is to blame for", () =>
    inFolder((folder) =>
      Effect.gen(function*() {
        const jail = yield* ParserJail
        const rejected = Effect.fnUntraced(function*(content: string | Uint8Array) {
          const path = join(folder, "x")
          yield* Effect.promise(() => writeFile(path, content))
          const input = { path, name: "x", password: Redacted.make("guess") }
          return (yield* Effect.flip(jail.inspect(input))).cause
        })
        assert.deepStrictEqual(yield* rejected(" \n"), { _tag: "Empty" })
        assert.deepStrictEqual(yield* rejected("{\\rtf1 x}"), { _tag: "Unsupported", detectedType: "application/rtf" })
        assert.strictEqual((yield* rejected("%PDF-1.4 nothing else"))._tag, "Corrupt")
        const gone = yield* Effect.flip(jail.inspect({ path: join(folder, "none"), name: "none" }))
        assert.strictEqual(gone.cause._tag, "SourceGone")
      })
    ))

  it.live("refuses a document with too many pages", () =>
    inFolder((folder) =>
      Effect.gen(function*() {
        const jail = yield* ParserJail
        const path = join(folder, "a.pdf")
        yield* Effect.promise(async () => writeFile(path, await drawPdf([() => {}, () => {}, () => {}])))
        const { cause } = yield* Effect.flip(jail.inspect({ path, name: "a.pdf" }))
        assert.deepStrictEqual(cause, { _tag: "TooLarge", what: "pages", limit: 2, actual: 3 })
      }), { maxPages: 2 }))

  it.live("keeps its process warm, and gives it nothing of its own environment", () =>
    withHost((input) =>
      Effect.gen(function*() {
        const first = yield* who(input("who"))
        const second = yield* who(input("who"))
        assert.strictEqual(second.pid, first.pid)
        assert.strictEqual(second.served, 2)
        // Named one by one: whatever else is handed over has to be thought about here.
        assert.deepStrictEqual(first.env.sort(), [
          "MALLOC_ARENA_MAX",
          "MALLOC_MMAP_THRESHOLD_",
          "MALLOC_TRIM_THRESHOLD_"
        ])
      })
    ))

  it.live("lets its processes have what others leave of the processors", () =>
    withHost((input) =>
      Effect.gen(function*() {
        assert.isAbove((yield* who(input("who"))).nice, getPriority())
      })
    ))

  it.live("lets its processes neither read elsewhere nor write, fork or start threads", () =>
    withHost((input) =>
      Effect.gen(function*() {
        const [denied] = yield* texts(input("snoop"))
        assert.strictEqual(denied!.split(" ").filter((code) => code === "ERR_ACCESS_DENIED").length, 4)
      })
    ))

  it.live("lets its processes talk to nobody, by whatever module", () =>
    withHost((input) =>
      Effect.gen(function*() {
        const port = yield* listening
        assert.deepStrictEqual(yield* texts({ ...input("call"), name: String(port) }), ["open: "])
      })
    ))

  it.live("counts the time of the processor too: who talks all the while is not done", () =>
    withHost((input) =>
      Effect.gen(function*() {
        if (!readdirSync("/proc").includes("self")) return
        assert.deepStrictEqual(yield* causeOf(input("lazy")), { _tag: "ParserTimedOut", limitMs: 400 })
        assert.strictEqual((yield* who(input("who"))).served, 1)
      }), { cpuTimeMs: 400 }))

  // Their bytes count as what they are, not as what they are sent as.
  it.live("hands on assets before the elements that refer to them, and believes no forged ones", () =>
    withHost((input) =>
      Effect.gen(function*() {
        const jail = yield* ParserJail
        const seen: Array<string> = []
        yield* jail.parse(input("assets"), null, {
          onAsset: ({ bytes, hash }) => Effect.sync(() => void seen.push(`asset ${bytes.length} ${hash}`))
        }).pipe(
          Stream.runForEach(({ assets, text }) => Effect.sync(() => void seen.push(`${text} ${assets?.[0]?.hash}`)))
        )
        const hash = hashOf(new Uint8Array(300_000).fill(7))
        assert.deepStrictEqual(seen, [`asset 300000 ${hash}`, `seen ${hash}`])
        assert.strictEqual((yield* causeOf(input("forgery")))._tag, "ParserCrashed")
      }), { maxOutputBytes: 305_000 }))

  it.live("outlives a process that ends, and says so", () =>
    withHost((input) =>
      Effect.gen(function*() {
        const before = yield* who(input("who"))
        assert.deepStrictEqual(yield* causeOf(input("exit")), { _tag: "ParserCrashed", detail: "exit code 7" })
        const after = yield* who(input("who"))
        assert.notStrictEqual(after.pid, before.pid)
      })
    ))

  it.live("kills what takes too long, though it leaves its event loop no turn", () =>
    withHost((input) =>
      Effect.gen(function*() {
        const { pid } = yield* who(input("who"))
        assert.deepStrictEqual(yield* causeOf(input("spin")), { _tag: "ParserTimedOut", limitMs: 3_000 })
        assert.isFalse(isAlive(pid))
        assert.notStrictEqual((yield* who(input("who"))).pid, pid)
      }), { wallTimeMs: 3_000 }))

  it.live("does not count the time that its caller takes", () =>
    withHost((input) =>
      Effect.gen(function*() {
        const jail = yield* ParserJail
        const taken = yield* jail.parse(input("talk"), null).pipe(
          Stream.take(4),
          Stream.tap(() => Effect.sleep("1 second")),
          Stream.runCollect
        )
        assert.strictEqual(taken.length, 4)
      }), { wallTimeMs: 3_000 }))

  it.live(
    "kills what fills its heap, and what takes memory outside of it",
    () =>
      withHost((input) =>
        Effect.gen(function*() {
          const cause = { _tag: "ParserCrashed", detail: "it needed more memory than it may have" } as const
          assert.deepStrictEqual(yield* causeOf(input("heap")), cause)
          if (readdirSync("/proc").includes("self")) assert.deepStrictEqual(yield* causeOf(input("memory")), cause)
        }), { maxMemoryBytes: 150 * 1_024 * 1_024 }),
    30_000
  )

  it.live("stops what talks too much, or makes no sense", () =>
    withHost((input) =>
      Effect.gen(function*() {
        const cause = yield* causeOf(input("talk"))
        assert.strictEqual(cause._tag, "TooLarge")
        assert.strictEqual((yield* causeOf(input("nonsense")))._tag, "ParserCrashed")
        assert.strictEqual((yield* causeOf(input("endless")))._tag, "ParserCrashed")
        assert.strictEqual((yield* who(input("who"))).served, 1)
      })
    ))

  it.live("kills the work of a caller who is interrupted or has enough", () =>
    withHost((input) =>
      Effect.gen(function*() {
        const jail = yield* ParserJail
        const started = yield* Deferred.make<number>()
        const fiber = yield* Effect.forkChild(
          jail.parse(input("hang"), null).pipe(
            Stream.tap(({ text }) => Deferred.succeed(started, Number(text))),
            Stream.runDrain
          )
        )
        const pid = yield* Deferred.await(started)
        yield* Fiber.interrupt(fiber)
        assert.isFalse(isAlive(pid))
        const [text] = yield* jail.parse(input("hang"), null).pipe(Stream.take(1), Stream.runCollect)
        assert.isFalse(isAlive(Number(text!.text)))
        assert.strictEqual((yield* who(input("who"))).served, 1)
      })
    ))

  it.live("lets requests wait for a free process, and gives way when one stops waiting", () =>
    withHost((input) =>
      Effect.gen(function*() {
        const jail = yield* ParserJail
        const started = yield* Deferred.make<void>()
        const busy = yield* Effect.forkChild(
          jail.parse(input("hang"), null).pipe(Stream.tap(() => Deferred.succeed(started, undefined)), Stream.runDrain)
        )
        yield* Deferred.await(started)
        const waiting = yield* Effect.forkChild(who(input("who")), { startImmediately: true })
        yield* Fiber.interrupt(waiting)
        assert.isTrue(Exit.hasInterrupts(yield* Fiber.await(waiting)))
        const next = yield* Effect.forkChild(who(input("who")), { startImmediately: true })
        yield* Fiber.interrupt(busy)
        assert.strictEqual((yield* Fiber.join(next)).served, 1)
      })
    ))

  it.live("takes its processes along when it ends", () =>
    Effect.gen(function*() {
      const { pid } = yield* withHost((input) => who(input("who")))
      assert.isFalse(isAlive(pid))
    }))
})
