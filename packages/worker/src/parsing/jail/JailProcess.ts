import { type ChildProcess, spawn } from "node:child_process"
import { readFileSync } from "node:fs"
import { getPriority, setPriority } from "node:os"
import type { Readable, Writable } from "node:stream"
import { fileURLToPath } from "node:url"
import { heapOptions, memoryEnvironment } from "./heap.ts"
import type { Isolation } from "./network.ts"
import { cpuOf, memoryOf } from "./usage.ts"

export interface JailFences {
  /** The program to run; the host of parsers or of those who draw, but in tests. */
  readonly entry: string
  /** Folders that the program may read besides its own code. */
  readonly readable: ReadonlyArray<string>
  /** Bytes of memory, the whole process counted, and all that it has started. */
  readonly maxMemoryBytes: number
  /** Milliseconds of processor time that one request may take, all threads counted. */
  readonly maxCpuMs: number
  /** Libraries of native code may be loaded: for who draws. */
  readonly nativeCode?: boolean
  /** How a process is started where it has no network. */
  readonly isolation: Isolation
}

/** No reply is longer: the host sends batches far below it. What goes over is not our host speaking. */
const maxLineLength = 4 * 1_024 * 1_024

const noNetwork = new URL("./noNetwork.ts", import.meta.url).href

/**
 * One process of a jail, seen from outside: requests go in, lines come out. It has nothing of our environment, it may read its own code and the
 * input folders only, may write and fork not at all (Node's permission model), and has no network. What it takes is looked at while it works.
 */
export class JailProcess {
  /** The file it worked on last: it may still have it open. */
  lastPath: string | null = null
  requests = 0
  /** From a request to its last reply. */
  busy = false
  exited = false
  readonly gone: Promise<void>
  #child: ChildProcess
  #fences: JailFences
  #lines: AsyncGenerator<string>
  #exit = "it ended"
  #errors = ""
  #overMemory = false
  #overCpu = false
  #cpuBefore = 0

  constructor(fences: JailFences) {
    this.#fences = fences
    const [program, ...args] = [
      ...fences.isolation,
      process.execPath,
      "--permission",
      ...(fences.nativeCode === true ? ["--allow-addons", "--disable-warning=SecurityWarning"] : []),
      ...[...codeFolders(), ...fences.readable].map((folder) => `--allow-fs-read=${folder}`),
      ...heapOptions(fences.maxMemoryBytes),
      "--disable-warning=ExperimentalWarning",
      `--import=${noNetwork}`,
      fences.entry
    ]
    this.#child = spawn(program!, args, { cwd: "/", env: memoryEnvironment, stdio: ["pipe", "ignore", "pipe", "pipe"] })
    giveWay(this.#child.pid)
    this.gone = new Promise((resolve) => {
      const ended = (reason: string) => {
        this.exited = true
        this.#exit = reason
        resolve()
      }
      this.#child.once("error", (error) => ended(error.message))
      this.#child.once("exit", (code, signal) => ended(signal === null ? `exit code ${code}` : `signal ${signal}`))
    })
    this.#child.stdin!.on("error", () => {})
    this.#child.stderr!.on("error", () => {}).on("data", (data: Buffer) => {
      this.#errors = (this.#errors + data.toString("utf8")).slice(-4_096)
    })
    this.#lines = linesOf(this.#child.stdio[3] as Readable)
  }

  send(request: { readonly path: string }): void {
    this.lastPath = request.path
    this.requests++
    this.busy = true
    this.#cpuBefore = this.#take(cpuOf)
    const input: Writable = this.#child.stdin!
    input.write(`${JSON.stringify(request)}\n`)
  }

  /** The next line, or null when the process has ended (or speaks what is no protocol). Reading on demand is the back-pressure. */
  async next(): Promise<string | null> {
    try {
      const line = await this.#lines.next()
      return line.done === true ? null : line.value
    } catch {
      return null
    }
  }

  /** Why it ended, for a person, and what it said last, for the log. Only after `gone`. */
  get epitaph(): { readonly detail: string; readonly errors: string; readonly overCpu: boolean } {
    const memory = this.#overMemory || /heap out of memory|Reached heap limit/i.test(this.#errors)
    const detail = memory ? "it needed more memory than it may have" : this.#exit
    return { detail, errors: this.#errors, overCpu: this.#overCpu }
  }

  /** Whether it has grown so that the next request had better begin with a new one. */
  get worn(): boolean {
    return this.#take(memoryOf) > this.#fences.maxMemoryBytes / 2
  }

  /** Looks at what it takes, and kills it where that is too much. */
  watch(): void {
    if (this.#take(memoryOf) > this.#fences.maxMemoryBytes) this.#overMemory = true
    else if (this.busy && this.#take(cpuOf) - this.#cpuBefore > this.#fences.maxCpuMs) this.#overCpu = true
    else return
    this.kill()
  }

  kill(): void {
    if (!this.exited) this.#child.kill("SIGKILL")
  }

  #take(measure: (pid: number) => number): number {
    return this.exited || this.#child.pid === undefined ? 0 : measure(this.#child.pid)
  }
}

/** Niceness above that of whoever is served: a third of the time where both want all of it, so that no limit by the clock is met too soon. */
const behind = 5

/**
 * Whoever is served goes first: where processors are few, a process of a jail takes what is left. It is told so before it has threads of
 * its own, which are as their maker is.
 */
const giveWay = (pid: number | undefined): void => {
  try {
    if (pid !== undefined) setPriority(pid, Math.min(19, getPriority() + behind))
  } catch {
    // It has ended already, or this system does not let us: it works all the same.
  }
}

const linesOf = async function*(output: Readable): AsyncGenerator<string> {
  const decoder = new TextDecoder()
  let rest = ""
  for await (const chunk of output as AsyncIterable<Buffer>) {
    rest += decoder.decode(chunk, { stream: true })
    const lines = rest.split("\n")
    rest = lines.pop()!
    yield* lines
    if (rest.length > maxLineLength) return
  }
}

/** Our sources and those of the packages they use, wherever npm has put them. */
const codeFolders = (): ReadonlyArray<string> => {
  const own = fileURLToPath(new URL("../../", import.meta.url))
  const domain = fileURLToPath(new URL("../../", import.meta.resolve("@sheaf/domain/documents/cleanText")))
  const { dependencies } = JSON.parse(readFileSync(new URL("../../../package.json", import.meta.url), "utf8")) as {
    readonly dependencies: Readonly<Record<string, string>>
  }
  const packages = Object.keys(dependencies).filter((name) => !name.startsWith("@sheaf/")).map((name) => {
    const path = fileURLToPath(import.meta.resolve(name))
    return path.slice(0, path.lastIndexOf("/node_modules/") + "/node_modules/".length)
  })
  return [...new Set([own, domain, ...packages])].map((folder) => `${folder}*`)
}
