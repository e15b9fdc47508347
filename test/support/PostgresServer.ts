import { Data, Effect, Redacted, Schedule } from "effect"
import * as ChildProcess from "node:child_process"
import * as Fs from "node:fs"
import * as Path from "node:path"
import { temporaryFolder } from "./temporaryFolder.ts"

/** PostgreSQL is missing or does not start. Never a reason to skip a test. */
class PostgresUnavailable extends Data.TaggedError("PostgresUnavailable")<{ readonly message: string }> {}

const installations = "/usr/lib/postgresql"

/** Where the newest installed server's programs lie. */
const programs = Effect.suspend(() => {
  const versions = Fs.existsSync(installations) ? Fs.readdirSync(installations).map(Number).sort((a, b) => b - a) : []
  const folder = versions.map((version) => Path.join(installations, `${version}`, "bin"))
    .find((bin) => Fs.existsSync(Path.join(bin, "initdb")))
  return folder === undefined
    ? Effect.fail(
      new PostgresUnavailable({ message: "These tests need PostgreSQL 15 or newer: apt-get install postgresql" })
    )
    : Effect.succeed(folder)
})

/** The major version of the server. */
export const version = Effect.map(programs, (bin) => Path.basename(Path.dirname(bin)))

interface User {
  readonly uid: number
  readonly gid: number
}

const idOf = (option: "-u" | "-g", name: string) =>
  Number(ChildProcess.execFileSync("id", [option, name], { encoding: "utf8", stdio: ["ignore", "pipe", "ignore"] }))

/** PostgreSQL refuses to run as root: then it runs as the user of the package, or else as nobody. */
const user = Effect.sync((): User | undefined => {
  if (process.getuid?.() !== 0) return undefined
  for (const name of ["postgres", "nobody"]) {
    try {
      return { uid: idOf("-u", name), gid: idOf("-g", name) }
    } catch {
      continue
    }
  }
  return undefined
})

/** Gives a folder and all that is in it to the server's user. */
const give = (folder: string, owner: User | undefined) => {
  if (owner === undefined) return
  for (const name of Fs.readdirSync(folder, { recursive: true, encoding: "utf8" })) {
    Fs.lchownSync(Path.join(folder, name), owner.uid, owner.gid)
  }
  Fs.chownSync(folder, owner.uid, owner.gid)
}

/** Makes an empty cluster in `folder`, whose superuser `postgres` needs no password on the folder's own socket. */
export const initialise = Effect.fn("PostgresServer.initialise")(function*(folder: string) {
  const bin = yield* programs
  const owner = yield* user
  const scratch = yield* temporaryFolder("initdb")
  give(scratch, owner)
  const data = Path.join(scratch, "data")
  const args = ["-D", data, "-U", "postgres", "-A", "trust", "-E", "UTF8", "--locale", "C", "--no-sync"]
  yield* Effect.try({
    try: () => ChildProcess.execFileSync(Path.join(bin, "initdb"), args, { ...owner, cwd: scratch, stdio: "pipe" }),
    catch: (error) => new PostgresUnavailable({ message: `initdb failed: ${String(error)}` })
  })
  Fs.cpSync(data, folder, { recursive: true })
}, Effect.scoped)

/** Durability is not what these tests are about; the server of a test lives for seconds. */
const settings = [
  ["fsync", "off"],
  ["full_page_writes", "off"],
  ["synchronous_commit", "off"],
  ["listen_addresses", ""],
  ["shared_buffers", "32MB"],
  ["max_connections", "50"],
  ["timezone", "UTC"],
  ["logging_collector", "off"]
].flatMap(([name, value]) => ["-c", `${name}=${value}`])

interface Started {
  readonly child: ChildProcess.ChildProcess
  readonly log: () => string
}

const launch = (bin: string, data: string, sockets: string, owner: User | undefined): Started => {
  const as = owner === undefined ? [] : [`--reuid=${owner.uid}`, `--regid=${owner.gid}`, "--clear-groups"]
  // The server dies with the test process, even when that is killed.
  const args = ["--pdeathsig", "QUIT", ...as, Path.join(bin, "postgres"), "-D", data, "-k", sockets, ...settings]
  const child = ChildProcess.spawn("/usr/bin/setpriv", args, { cwd: sockets, stdio: ["ignore", "ignore", "pipe"] })
  let log = ""
  child.stderr.on("data", (text: Buffer) => {
    log = (log + text.toString()).slice(-4_000)
  })
  child.on("error", (error) => {
    log += String(error)
  })
  return { child, log: () => log }
}

/** SIGINT shuts down in order, leaving a folder to keep; SIGQUIT at once, for a folder that is thrown away. */
const stop = ({ child }: Started, signal: "SIGINT" | "SIGQUIT") =>
  Effect.callback<void>((resume) => {
    if (child.exitCode !== null || child.signalCode !== null) return resume(Effect.void)
    child.once("exit", () => resume(Effect.void))
    child.kill(signal)
  })

/** Starts a server on a copy of the cluster in `cluster`, answers its URL, and stops it with the scope. */
export const start = Effect.fn("PostgresServer.start")(function*(cluster: string) {
  const bin = yield* programs
  const owner = yield* user
  const folder = yield* temporaryFolder("postgres")
  const data = Path.join(folder, "data")
  Fs.cpSync(cluster, data, { recursive: true, mode: Fs.constants.COPYFILE_FICLONE })
  Fs.chmodSync(data, 0o700)
  give(folder, owner)
  const started = yield* Effect.acquireRelease(
    Effect.sync(() => launch(bin, data, folder, owner)),
    (server) => stop(server, "SIGQUIT")
  )
  const socket = Path.join(folder, ".s.PGSQL.5432.lock")
  const failed = () => new PostgresUnavailable({ message: `PostgreSQL did not start:\n${started.log()}` })
  yield* Effect.suspend(() => {
    if (started.child.exitCode !== null) return Effect.fail(failed())
    return Effect.succeed(Fs.existsSync(socket) && started.log().includes("ready to accept connections"))
  }).pipe(
    Effect.repeat({ until: (ready) => ready, schedule: Schedule.spaced("20 millis") }),
    Effect.timeoutOrElse({ duration: "30 seconds", orElse: () => Effect.fail(failed()) })
  )
  return {
    data,
    stop: stop(started, "SIGINT"),
    url: (database: string) => Redacted.make(`postgresql://postgres@localhost/${database}?host=${folder}`)
  }
})
