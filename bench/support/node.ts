import { Effect } from "effect"
import { execFile } from "node:child_process"
import { promisify } from "node:util"

const exec = promisify(execFile)

/** Runs a program with this Node and answers what it printed; ends it with the fiber. */
export const runNode = (args: ReadonlyArray<string>, options: { readonly cwd?: string } = {}) =>
  run(process.execPath, args, options)

/** The same with any program. One that fails dies with what it said last. */
export const run = (command: string, args: ReadonlyArray<string>, options: { readonly cwd?: string } = {}) =>
  Effect.tryPromise((signal) => exec(command, [...args], { ...options, signal, maxBuffer: 64 * 1024 * 1024 })).pipe(
    Effect.map(({ stdout }) => stdout),
    Effect.catch(({ cause }) => Effect.die(new Error(`${command} ${args.join(" ")}: ${lastWords(cause)}`)))
  )

const lastWords = (cause: unknown): string =>
  cause instanceof Error && "stderr" in cause && typeof cause.stderr === "string" && cause.stderr.trim() !== ""
    ? cause.stderr.trim().slice(-1_000)
    : String(cause)
