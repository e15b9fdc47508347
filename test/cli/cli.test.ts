import { assert, it, layer } from "@effect/vitest"
import { Context, Effect, Layer } from "effect"
import * as Fs from "node:fs"
import * as Net from "node:net"
import * as Path from "node:path"
import { type CliOptions, run, type Running, start } from "../support/processes/Cli.ts"
import { loaded, ofEmbedded, ofServers, tellingWhatItLoads } from "../support/processes/loaded.ts"
import { temporaryFolder } from "../support/temporaryFolder.ts"

const json = (text: string) => text.trim().split("\n").map((line) => JSON.parse(line))

/** A port that something else has. */
const takenPort = Effect.acquireRelease(
  Effect.promise(() =>
    new Promise<Net.Server>((resolve) => {
      const server = Net.createServer().listen({ host: "127.0.0.1", port: 0 }, () => resolve(server))
    })
  ),
  (server) => Effect.promise(() => new Promise((resolve) => server.close(resolve)))
).pipe(Effect.map((server) => (server.address() as Net.AddressInfo).port))

/** A server in a folder of its own, started by the command line on a port that is taken. */
class Served extends Context.Service<Served, {
  readonly process: Running
  readonly cwd: string
  readonly taken: number
  readonly sheaf: (args: ReadonlyArray<string>, env?: CliOptions["env"]) => ReturnType<typeof run>
}>()("sheaf/test/cli/cli.test/Served") {
  static readonly layer = Layer.effect(
    Served,
    Effect.gen(function*() {
      const cwd = yield* temporaryFolder("cli")
      const taken = yield* takenPort
      const process = yield* start(["serve", "--port", `${taken}`], { cwd })
      yield* Effect.promise(() => process.until("Ctrl-C stops it"))
      return { process, cwd, taken, sheaf: (args, env) => run(args, { cwd, ...(env && { env }) }) }
    })
  )
}

const words = (about: string) => `# ${about}\n\nThis page is about ${about}, and about nothing but ${about}.\n`

layer(Served.layer, { timeout: 120_000, excludeTestServices: true })("a server and the commands that use it", (it) => {
  it.effect("takes the next port, says so, and keeps its key from others", () =>
    Effect.gen(function*() {
      const { cwd, process, taken } = yield* Served
      assert.include(process.stderr, `Port ${taken} is taken`)
      const url = new URL(process.stdout.trim())
      assert.isAbove(Number(url.port), taken)
      assert.include(process.stderr, ".sheaf/credentials")
      assert.strictEqual(Fs.statSync(Path.join(cwd, ".sheaf/credentials")).mode & 0o777, 0o600)
    }))

  it.effect("attaches a second start to the first", () =>
    Effect.gen(function*() {
      const { process, sheaf } = yield* Served
      const second = yield* sheaf(["serve"])
      assert.strictEqual(second.code, 0)
      assert.strictEqual(second.stdout, process.stdout)
      assert.include(second.stderr, "runs already")
    }))

  it.effect("ingests what it can, reports the rest, and finds what it ingested", () =>
    Effect.gen(function*() {
      const { cwd, sheaf } = yield* Served
      const folder = Path.join(cwd, "docs")
      Fs.mkdirSync(Path.join(folder, "deep/node_modules"), { recursive: true })
      Fs.writeFileSync(Path.join(folder, "kestrels.md"), words("kestrels"))
      Fs.writeFileSync(Path.join(folder, "deep/otters.txt"), words("otters"))
      Fs.writeFileSync(Path.join(folder, "deep/node_modules/skipped.txt"), words("packages"))
      Fs.writeFileSync(Path.join(folder, ".hidden.txt"), words("secrets"))
      Fs.writeFileSync(Path.join(folder, "empty.txt"), "")
      Fs.writeFileSync(Path.join(folder, "bad.pdf"), "%PDF-1.7\nnot a document")
      const ingested = yield* sheaf(["ingest", "docs", "--dataset", "animals", "-m", "year=2026", "--json", "--report"])
      // Known reasons are an answer to who asks for a report.
      assert.strictEqual(ingested.code, 0, ingested.stderr)
      const lines = json(ingested.stdout)
      const counts = { files: 4, published: 2, failed: { Corrupt: 1, Empty: 1 }, untyped: 0, crashed: 0, hung: 0 }
      const examples = { Corrupt: ["docs/bad.pdf"], Empty: ["docs/empty.txt"] }
      assert.deepStrictEqual(lines.at(-1), { ...counts, examples })
      assert.strictEqual(lines.at(-2).type, "result")
      assert.strictEqual(lines.filter(({ type }) => type === "published").length, 2)
      const plain = yield* sheaf(["ingest", "docs", "--dataset", "animals"])
      assert.strictEqual(plain.code, 8, plain.stderr)
      assert.include(plain.stderr, "error[SomeFailed]")
      assert.include(plain.stderr, "hint:")

      const found = yield* sheaf([
        "search",
        "all",
        "about",
        "otters",
        "--json",
        "--filter",
        "{\"field\":\"year\",\"eq\":2026}"
      ])
      assert.strictEqual(found.code, 0, found.stderr)
      const [{ hits }] = json(found.stdout)
      assert.strictEqual(hits[0].documentName, "otters.txt")
      assert.strictEqual(hits[0].metadata.path, "docs/deep/otters.txt")

      // There is no other dataset.
      const listed = yield* sheaf(["documents", "list", "--facets", "suffix", "--json"])
      assert.strictEqual(json(listed.stdout)[0].total, 4, listed.stderr)

      const again = yield* sheaf(["ingest", "docs/**/*.md", "--dataset", "animals", "--report=report.json"])
      assert.strictEqual(again.code, 0, again.stderr)
      assert.strictEqual(again.stdout, "")
      assert.include(again.stderr, "there already")
      const report = JSON.parse(Fs.readFileSync(Path.join(cwd, "report.json"), "utf8"))
      assert.deepStrictEqual(report, {
        files: 1,
        published: 1,
        failed: {},
        untyped: 0,
        crashed: 0,
        hung: 0,
        examples: {}
      })
    }), 90_000)

  it.effect("shows what a text would be cut into, by the dataset's settings or others", () =>
    Effect.gen(function*() {
      const { sheaf } = yield* Served
      yield* sheaf(["datasets", "create", "previews"])
      const sentence = "A heron stands still for a long time. "
      const [one, two] = yield* Effect.forEach([[], ["--max-tokens", "32"]], (flags) =>
        sheaf(["documents", "preview-text", sentence.repeat(8), "--dataset", "previews", "--json", ...flags]), {
        concurrency: 2
      })
      assert.deepStrictEqual([one!.code, two!.code], [0, 0], one!.stderr + two!.stderr)
      const [whole, cut] = [one!, two!].map(({ stdout }) =>
        json(stdout)[0].segments
      )
      assert.deepStrictEqual(whole.map(({ text }: { text: string }) => text), [sentence.repeat(8).trim()])
      assert.isAbove(cut.length, 2)
      for (const { tokens } of cut) assert.isAtMost(tokens, 32)
    }), 60_000)

  it.effect("says who asks whom, and keeps servers by name", () =>
    Effect.gen(function*() {
      const { cwd, process, sheaf } = yield* Served
      const url = process.stdout.trim()
      const key = Fs.readFileSync(Path.join(cwd, ".sheaf/credentials"), "utf8").trim()
      const login = yield* sheaf(["login", "work", "--url", url, "--key-file", ".sheaf/credentials"])
      assert.strictEqual(login.code, 0, login.stderr)
      assert.include(login.stderr, "SHEAF_SERVER=work")
      const results = yield* Effect.all([
        sheaf(["whoami", "--json"]),
        sheaf(["whoami", "--json"], { SHEAF_SERVER: "work", SHEAF_HOME: "elsewhere" }),
        sheaf(["servers"]),
        sheaf(["login", "bad", "--url", url, "--key", "shf_wrong"]),
        sheaf(["whoami", "--server", "bad"])
      ], { concurrency: 2 })
      const [own, named, listed, wrong, unknown] = results
      const [mine] = json(own.stdout)
      assert.strictEqual(mine.server.by, "the data folder ./.sheaf")
      assert.deepEqual(mine.key.scopes, ["admin", "operator"])
      assert.strictEqual(mine.tenant.name, "default")
      assert.deepEqual(json(named.stdout), [{ ...mine, server: { ...mine.server, by: "the name work" } }])
      assert.include(listed.stdout, url)
      for (const { stderr, stdout } of [login, ...results]) assert.notInclude(stdout + stderr, key)
      assert.deepEqual([wrong.code, unknown.code], [4, 3])
      assert.include(unknown.stderr, "error[ServerUnknown]")
    }), 60_000)

  it.effect("answers every failure with its own exit code and an empty standard output", () =>
    Effect.gen(function*() {
      const { sheaf } = yield* Served
      const nobody = "01980000-0000-7000-8000-000000000000"
      const cases: ReadonlyArray<readonly [args: ReadonlyArray<string>, code: number, tag: string]> = [
        [["documents", "get", nobody], 9, "DocumentNotFound"],
        [["datasets", "get", "nothing"], 9, "DatasetNameUnknown"],
        [["datasets", "list", "--key", "shf_wrong"], 4, "Unauthorized"],
        [["datasets", "list", "--url", "http://127.0.0.1:1"], 5, "Unreachable"],
        [["search", "x", "--filter", "{"], 2, "Misused"],
        [["ingest", "no-such-file"], 2, "Misused"],
        [["search", "--limit", "many", "x"], 2, "Usage"],
        [["fly"], 2, "Usage"]
      ]
      const results = yield* Effect.forEach(cases, ([args]) => sheaf(args), { concurrency: 2 })
      for (const [index, [args, code, tag]] of cases.entries()) {
        const { stderr, stdout, ...result } = results[index]!
        assert.strictEqual(result.code, code, `${args.join(" ")}: ${stderr}`)
        assert.include(stderr, `error[${tag}]`)
        assert.include(stderr, "hint:")
        assert.strictEqual(stdout, "", args.join(" "))
        // oxlint-disable-next-line no-control-regex
        assert.notMatch(stderr, /\u001b/)
      }
    }), 90_000)

  it.effect("says nothing when nobody reads any more", () =>
    Effect.gen(function*() {
      const { cwd } = yield* Served
      const listing = yield* start(["watch", "--after", "0", "--json"], { cwd })
      yield* Effect.promise(() => listing.until("\n"))
      listing.hangUp()
      // Whatever happens next finds the pipe closed.
      yield* run(["datasets", "create", "unread"], { cwd })
      const { code, stderr } = yield* Effect.promise(() => listing.finished)
      assert.strictEqual(code, 0)
      assert.notInclude(stderr, "error")
    }), 60_000)

  it.effect("sends no more files after Ctrl-C, and tells how to go on", () =>
    Effect.gen(function*() {
      const { cwd, sheaf } = yield* Served
      Fs.mkdirSync(Path.join(cwd, "many"))
      for (let i = 0; i < 200; i++) Fs.writeFileSync(Path.join(cwd, `many/${i}.txt`), words(`number ${i}`))
      const sending = yield* start(["ingest", "many", "--dataset", "many"], { cwd })
      yield* Effect.promise(() => sending.until("✓"))
      sending.signal("SIGINT")
      const { code, stderr } = yield* Effect.promise(() => sending.finished)
      assert.strictEqual(code, 130, stderr)
      assert.include(stderr, "watch --dataset many --until-idle")
      const lines = stderr.split("\n")
      assert.isBelow(lines.filter((line) => line.startsWith("✓")).length, 200)
      const idle = yield* sheaf(["watch", "--dataset", "many", "--until-idle"])
      assert.strictEqual(idle.code, 0, idle.stderr)
    }), 120_000)

  it.effect("stops within two seconds of Ctrl-C, with one line", () =>
    Effect.gen(function*() {
      const { process } = yield* Served
      const before = process.stderr.length
      const askedAt = performance.now()
      process.signal("SIGINT")
      const { code, stderr } = yield* Effect.promise(() => process.finished)
      assert.strictEqual(code, 0)
      assert.strictEqual(stderr.slice(before).trim(), "stopped, data kept in ./.sheaf")
      // Two on an idle machine; the tests of other packages run beside this one.
      assert.isBelow(performance.now() - askedAt, 6_000)
    }), 30_000)
})

it.live("does it all in its own process where nobody serves, and backs the folder up", () =>
  Effect.gen(function*() {
    const cwd = yield* temporaryFolder("cli")
    const made = yield* run(["datasets", "create", "alone", "--json"], { cwd, env: tellingWhatItLoads })
    assert.strictEqual(made.code, 0, made.stderr)
    // Nobody pays for clients of servers that are not there.
    const packages = loaded(made.stderr)
    assert.isTrue(packages.some((name) => ofEmbedded.test(name)))
    assert.deepStrictEqual(packages.filter((name) => ofServers.test(name)), [])
    assert.strictEqual(json(made.stdout)[0].name, "alone")
    const kept = yield* run(["backup", "copy.tar.gz"], { cwd })
    assert.strictEqual(kept.code, 0, kept.stderr)
    assert.strictEqual(kept.stdout.trim(), Path.join(cwd, "copy.tar.gz"))
    const twice = yield* run(["backup", "copy.tar.gz"], { cwd })
    assert.strictEqual(twice.code, 2)
  }), 120_000)

it.live("names the part that does not start, and what to try", () =>
  Effect.gen(function*() {
    const cwd = yield* temporaryFolder("cli")
    const database = yield* run(["datasets", "list"], {
      cwd,
      env: { DATABASE_URL: "postgres://nobody@127.0.0.1:1/none" }
    })
    assert.strictEqual(database.code, 1, database.stderr)
    assert.include(database.stderr, "Check DATABASE_URL")
    const variable = yield* run(["datasets", "list"], { cwd, env: { SHEAF_EMBEDDER_THREADS: "few" } })
    assert.strictEqual(variable.code, 3, variable.stderr)
    assert.include(variable.stderr, "SHEAF_EMBEDDER_THREADS")
    Fs.writeFileSync(Path.join(cwd, "file"), "")
    const folder = yield* run(["datasets", "list", "--home", "file/home"], { cwd })
    assert.strictEqual(folder.code, 3, folder.stderr)
    assert.strictEqual(folder.stdout, "")
  }), 60_000)
