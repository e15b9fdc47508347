import { Effect } from "effect"
import { spawn } from "node:child_process"
import * as Path from "node:path"
import { fileURLToPath } from "node:url"

const main = fileURLToPath(new URL("../../../packages/cli/src/main.ts", import.meta.url))

export interface Finished {
  readonly code: number | null
  readonly stdout: string
  readonly stderr: string
  readonly elapsedMs: number
}

export interface CliOptions {
  readonly cwd: string
  readonly env?: Readonly<Record<string, string>>
}

/** A run of the command line tool as a real process, in an environment that holds nothing else. */
export class Running {
  stdout = ""
  stderr = ""
  readonly finished: Promise<Finished>
  private readonly child
  private wake: () => void = () => {}

  constructor(args: ReadonlyArray<string>, options: CliOptions) {
    const startedAt = performance.now()
    this.child = spawn(process.execPath, [main, ...args], {
      cwd: options.cwd,
      env: { PATH: Path.dirname(process.execPath), HOME: options.cwd, SHEAF_EMBEDDER_THREADS: "1", ...options.env },
      stdio: ["ignore", "pipe", "pipe"]
    })
    this.child.stdout.setEncoding("utf8").on("data", (text: string) => {
      this.stdout += text
      this.wake()
    })
    this.child.stderr.setEncoding("utf8").on("data", (text: string) => {
      this.stderr += text
      this.wake()
    })
    this.finished = new Promise((resolve) => {
      this.child.on("close", (code) => {
        this.wake()
        resolve({ code, stdout: this.stdout, stderr: this.stderr, elapsedMs: performance.now() - startedAt })
      })
    })
  }

  get ended(): boolean {
    return this.child.exitCode !== null || this.child.signalCode !== null
  }

  signal(name: NodeJS.Signals): void {
    this.child.kill(name)
  }

  /** When either stream has shown the text; fails when the process ends without it. */
  async until(text: string): Promise<void> {
    while (!this.stdout.includes(text) && !this.stderr.includes(text)) {
      if (this.ended) throw new Error(`it ended without "${text}":\n${this.stdout}${this.stderr}`)
      await new Promise<void>((resolve) => {
        this.wake = resolve
      })
    }
  }

  /** Closes the reading end of its standard output. */
  hangUp(): void {
    this.child.stdout.destroy()
  }
}

/** Starts the tool and ends it with the scope. */
export const start = (args: ReadonlyArray<string>, options: CliOptions) =>
  Effect.acquireRelease(
    Effect.sync(() => new Running(args, options)),
    (running) =>
      Effect.promise(async () => {
        if (!running.ended) running.signal("SIGTERM")
        await running.finished
      })
  )

/** Runs the tool to its end. */
export const run = (args: ReadonlyArray<string>, options: CliOptions) =>
  Effect.scoped(Effect.flatMap(start(args, options), (running) => Effect.promise(() => running.finished)))
