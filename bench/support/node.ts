import { Effect } from "effect"
import { execFile } from "node:child_process"
import { promisify } from "node:util"

const exec = promisify(execFile)

/** Runs a program with this Node and answers what it printed; ends it with the fiber. */
export const runNode = (args: ReadonlyArray<string>, options: { readonly cwd?: string } = {}) =>
  run(process.execPath, args, options)

export const run = (command: string, args: ReadonlyArray<string>, options: { readonly cwd?: string } = {}) =>
  Effect.promise((signal) => exec(command, [...args], { ...options, signal, maxBuffer: 64 * 1024 * 1024 })).pipe(
    Effect.map(({ stdout }) => stdout)
  )
