import { Data, Effect, Redacted, Schedule } from "effect"
import * as ChildProcess from "node:child_process"
import * as Fs from "node:fs"
import * as Path from "node:path"
import { temporaryFolder } from "../temporaryFolder.ts"

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

export interface Options {
  /** Writes what it acknowledges, as a server does that is to be measured. */
  readonly durable?: boolean
}

/** Durability is not what tests are about; the server of a test lives for seconds. */
const careless = [["fsync", "off"], ["full_page_writes", "off"], ["synchronous_commit", "off"]]

const settings = [
  ["listen_addresses", ""],
  ["shared_buffers", "32MB"],
  ["max_connections", "50"],
  ["timezone", "UTC"],
  ["logging_collector", "off"]
]

interface Started {
  readonly child: ChildProcess.ChildProcess
  readonly log: () => string
}

interface Place {
  readonly data: string
  readonly sockets: string
  readonly owner: User | undefined
}

const launch = (bin: string, { data, owner, sockets }: Place, { durable = false }: Options): Started => {
  const as = owner === undefined ? [] : [`--reuid=${owner.uid}`, `--regid=${owner.gid}`, "--clear-groups"]
  const chosen = [...settings, ...(durable ? [] : careless)].flatMap(([name, value]) => ["-c", `${name}=${value}`])
  // The server dies with the test process, even when that is killed.
  const args = ["--pdeathsig", "QUIT", ...as, Path.join(bin, "postgres"), "-D", data, "-k", sockets, ...chosen]
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

/** Resolves when the server takes connections. */
const ready = (server: Started, sockets: string) => {
  const failed = () => new PostgresUnavailable({ message: `PostgreSQL did not start:\n${server.log()}` })
  const lock = Path.join(sockets, ".s.PGSQL.5432.lock")
  return Effect.suspend(() => {
    if (server.child.exitCode !== null) return Effect.fail(failed())
    return Effect.succeed(Fs.existsSync(lock) && server.log().includes("ready to accept "))
  }).pipe(
    Effect.repeat({ until: (isReady) => isReady, schedule: Schedule.spaced("20 millis") }),
    Effect.timeoutOrElse({ duration: "30 seconds", orElse: () => Effect.fail(failed()) })
  )
}

/** The server and its children: its sessions are processes of their own, each in a group of its own. */
const family = (pid: number): ReadonlyArray<number> => [
  pid,
  ...Fs.readFileSync(`/proc/${pid}/task/${pid}/children`, "utf8").trim().split(" ").filter(Boolean).map(Number)
]

const signal = ({ child }: Started, name: "SIGSTOP" | "SIGCONT") =>
  Effect.sync(() => {
    if (child.pid === undefined || child.exitCode !== null || child.signalCode !== null) return
    for (const pid of family(child.pid)) {
      try {
        process.kill(pid, name)
      } catch {
        // A session that has ended in the meantime.
      }
    }
  })

/** Starts a server on a copy of the cluster in `cluster`, answers its URL, and stops it with the scope. */
export const start = Effect.fn("PostgresServer.start")(function*(cluster: string, options: Options = {}) {
  const bin = yield* programs
  const owner = yield* user
  const folder = yield* temporaryFolder("postgres")
  const data = Path.join(folder, "data")
  Fs.cpSync(cluster, data, { recursive: true, mode: Fs.constants.COPYFILE_FICLONE })
  Fs.chmodSync(data, 0o700)
  give(folder, owner)
  const place = { data, sockets: folder, owner }
  let server = launch(bin, place, options)
  yield* Effect.addFinalizer(() => Effect.andThen(signal(server, "SIGCONT"), stop(server, "SIGQUIT")))
  yield* ready(server, folder)
  const shutdown = (how: "SIGINT" | "SIGQUIT") => Effect.suspend(() => stop(server, how))
  return {
    data,
    stop: shutdown("SIGINT"),
    /** As after a loss of power: all sessions end at once. */
    crash: shutdown("SIGQUIT"),
    /** After `stop` or `crash`. */
    restart: Effect.suspend(() => {
      server = launch(bin, place, options)
      return ready(server, folder)
    }),
    /** Connections are accepted, and never a word is said, until `thaw`. */
    freeze: Effect.suspend(() => signal(server, "SIGSTOP")),
    thaw: Effect.suspend(() => signal(server, "SIGCONT")),
    url: (database: string) => Redacted.make(`postgresql://postgres@localhost/${database}?host=${folder}`)
  }
})
