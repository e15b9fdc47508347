import { type ChildProcess, spawn } from "node:child_process"
import { readFileSync } from "node:fs"
import type { Readable, Writable } from "node:stream"
import { fileURLToPath } from "node:url"
import type { JailRequest } from "./protocol.ts"

export interface JailFences {
  /** The program to run; the parsers' own host but in tests. */
  readonly entry: string
  /** Folders that the program may read besides its own code. */
  readonly readable: ReadonlyArray<string>
  /** Bytes of memory, the whole process counted. */
  readonly maxMemoryBytes: number
}

/** No reply is longer: the host sends batches far below it. What goes over is not our host speaking. */
const maxLineLength = 4 * 1_024 * 1_024

const pageSize = 4_096

/**
 * One process of the jail, seen from outside: requests go in, lines come out. Its environment is empty, it may read its own code and
 * the input folders only, and may write, fork and load native code not at all (Node's permission model).
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
  #lines: AsyncGenerator<string>
  #exit = "it ended"
  #errors = ""
  #overMemory = false

  constructor(fences: JailFences) {
    const heapMegabytes = Math.max(64, Math.floor(fences.maxMemoryBytes / 1_048_576))
    this.#child = spawn(process.execPath, [
      "--permission",
      ...[...codeFolders(), ...fences.readable].map((folder) => `--allow-fs-read=${folder}`),
      `--max-old-space-size=${heapMegabytes}`,
      // A small young generation, and a collector that parsers may call between pages: a lean process rather than a fast one.
      "--max-semi-space-size=8",
      "--expose-gc",
      "--disable-warning=ExperimentalWarning",
      fences.entry
    ], { cwd: "/", env: {}, stdio: ["pipe", "ignore", "pipe", "pipe"] })
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

  send(request: JailRequest): void {
    this.lastPath = request.path
    this.requests++
    this.busy = true
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
  get epitaph(): { readonly detail: string; readonly errors: string } {
    const memory = this.#overMemory || /heap out of memory|Reached heap limit/i.test(this.#errors)
    return { detail: memory ? "it needed more memory than it may have" : this.#exit, errors: this.#errors }
  }

  /** Resident memory in bytes; 0 where the system does not say. */
  memory(): number {
    try {
      const pages = readFileSync(`/proc/${this.#child.pid}/statm`, "latin1").split(" ")[1]
      return Number(pages) * pageSize
    } catch {
      return 0
    }
  }

  killForMemory(): void {
    this.#overMemory = true
    this.kill()
  }

  kill(): void {
    if (!this.exited) this.#child.kill("SIGKILL")
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
